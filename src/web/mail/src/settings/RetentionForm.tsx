import type { RetentionPreview } from '@appliance/crypto';
import { formatFullDate, useLanguage } from '@appliance/ui';
import { Alert, Button, Group, NativeSelect, NumberInput, Text } from '@mantine/core';
import { IconFlame } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { describeError } from '../errors.ts';
import { useTexts } from '../texts/index.ts';

const usual: readonly number[] = [30, 90, 180, 365, 3_653];
const mostDays = 36_500;

interface RetentionFormProps {
  label: string;
  /** Days; null: for good. */
  saved: number | null;
  preview: (days: number) => Promise<RetentionPreview>;
  save: (days: number | null) => Promise<void>;
}

/** Chooses how long mail is kept, and says before it is saved what that will destroy and when. */
export function RetentionForm({ label, saved, preview, save }: RetentionFormProps) {
  const t = useTexts();
  const [choice, choose] = useState(() => choiceFor(saved));
  const [own, setOwn] = useState<number | string>(saved ?? 14);
  const days = choice === 'forever' ? null : choice === 'own' ? Number(own) : Number(choice);
  const isPossible = days === null || (Number.isInteger(days) && days >= 1 && days <= mostDays);
  const isChanged = days !== saved;
  const saving = useMutation({ mutationFn: () => save(days) });
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (isChanged && isPossible) saving.mutate();
      }}
    >
      <Group align="flex-end" gap="sm">
        <NativeSelect
          flex="1 1 220px"
          label={label}
          value={choice}
          onChange={event => {
            saving.reset();
            choose(event.currentTarget.value);
          }}
          data={[{ value: 'forever', label: t.settings.forever }, ...usual.map(count => ({ value: String(count), label: t.settings.days(count) })), { value: 'own', label: t.settings.ownDays }]}
        />
        {choice === 'own' && (
          <NumberInput w={140} label={t.settings.daysLabel} value={own} onChange={setOwn} min={1} max={mostDays} allowDecimal={false} error={!isPossible && t.settings.daysWrong} />
        )}
        <Button type="submit" disabled={!isChanged || !isPossible} loading={saving.isPending}>{t.settings.save}</Button>
      </Group>
      {isChanged && isPossible && days !== null && <WhatGoes label={label} days={days} preview={preview} />}
      {isChanged && days === null && <Text size="sm" c="dimmed" mt="sm">{t.settings.lifted}</Text>}
      {saving.isError && <Text size="sm" c="red" role="alert" mt="sm">{describeError(saving.error, t)}</Text>}
      {saving.isSuccess && !isChanged && <Text size="sm" c="dimmed" role="status" mt="sm">{t.settings.saved}</Text>}
    </form>
  );
}

function WhatGoes({ label, days, preview }: { label: string; days: number; preview: (days: number) => Promise<RetentionPreview> }) {
  const t = useTexts();
  const { language } = useLanguage();
  const goes = useQuery({ queryKey: ['preview', label, days], queryFn: () => preview(days), gcTime: 0 });
  if (!goes.data) return null;
  const { messages, more, from } = goes.data;
  return (
    <Alert mt="md" color={messages > 0 ? 'red' : 'gray'} icon={<IconFlame size={18} />} role="status">
      {messages > 0 ? t.settings.destroys(messages, more, formatFullDate(new Date(from), language)) : t.settings.destroysNone(days)}
    </Alert>
  );
}

const choiceFor = (days: number | null): string => days === null ? 'forever' : usual.includes(days) ? String(days) : 'own';
