import { Button, Group, PasswordInput, Progress, Stack, Text } from '@mantine/core';
import { type SubmitEvent, useId, useState } from 'react';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { useTexts } from '../texts/index.ts';
import { type Strength, strengthOf } from './passwordStrength.ts';

const bar: Record<Strength, { value: number; color: string }> = {
  short: { value: 8, color: 'gray' },
  weak: { value: 25, color: 'orange' },
  fair: { value: 50, color: 'yellow' },
  good: { value: 75, color: 'pine' },
  strong: { value: 100, color: 'pine' },
};

export function PasswordStep({ address, onBack, onDone }: { address: string; onBack: () => void; onDone: (password: string) => void }) {
  const t = useTexts();
  const hintId = useId();
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [isChecked, setChecked] = useState(false);
  const strength = strengthOf(password);
  const isShort = strength === 'short';

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setChecked(true);
    if (!isShort && password === repeated) onDone(password);
  }

  return (
    <EntryFrame step={t.activation.step(2, 4)} title={t.activation.passwordTitle} lead={t.activation.passwordLead}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <input type="email" autoComplete="username" value={address} readOnly hidden />
          <div>
            <PasswordInput
              label={t.activation.password}
              autoComplete="new-password"
              aria-describedby={hintId}
              value={password}
              error={isChecked && isShort && t.activation.passwordShort}
              onChange={event => setPassword(event.currentTarget.value)}
            />
            <Progress value={password ? bar[strength].value : 0} color={bar[strength].color} size={4} mt="xs" aria-hidden="true" />
            <Text id={hintId} size="sm" c="dimmed" mt={4} mih="2lh" aria-live="polite">{t.activation.strength[strength]}</Text>
          </div>
          <PasswordInput
            label={t.activation.confirm}
            autoComplete="new-password"
            value={repeated}
            error={isChecked && !isShort && password !== repeated && t.activation.passwordDiffers}
            onChange={event => setRepeated(event.currentTarget.value)}
          />
          <Group grow preventGrowOverflow={false} mt="xs">
            <Button variant="default" onClick={onBack} flex="0 0 auto">{t.back}</Button>
            <Button type="submit">{t.activation.makeKeys}</Button>
          </Group>
        </Stack>
      </form>
    </EntryFrame>
  );
}
