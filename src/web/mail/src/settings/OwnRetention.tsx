import { Skeleton, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { describeError } from '../errors.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { RetentionForm } from './RetentionForm.tsx';
import { Section } from './Section.tsx';

export const retentionKey = (mailboxId: string) => ['retention', mailboxId] as const;

/** How long the member wants mail kept. */
export function OwnRetention() {
  const t = useTexts();
  const vault = useVault();
  const queries = useQueryClient();
  const { mailboxId } = useSession();
  const saved = useQuery({ queryKey: retentionKey(mailboxId), queryFn: () => vault.retention(mailboxId) });
  const save = useMutation({
    mutationFn: (change: { days?: number | null; suggestsSenderExpiry?: boolean }) => {
      const { days = null, suggestsSenderExpiry = false } = { ...saved.data, ...change };
      return vault.setRetention({ mailboxId, days, suggestsSenderExpiry });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: retentionKey(mailboxId) }),
  });

  return (
    <Section title={t.settings.keep} text={t.settings.keepText}>
      {saved.isError ? <Text size="sm" c="red" role="alert">{describeError(saved.error, t)}</Text> : !saved.data ? <Skeleton height={36} /> : (
        <>
          {saved.data.policyDays !== null && <Text size="sm" fw={500}>{t.settings.policyHolds(saved.data.policyDays)}</Text>}
          <RetentionForm
            label={t.settings.keepLabel}
            saved={saved.data.days}
            preview={days => vault.previewRetention(mailboxId, days)}
            save={days => save.mutateAsync({ days })}
          />
          <Switch
            label={t.settings.suggest}
            description={t.settings.suggestText}
            checked={saved.data.suggestsSenderExpiry}
            onChange={event => save.mutate({ suggestsSenderExpiry: event.currentTarget.checked })}
          />
          {save.isError && save.variables.days === undefined && <Text size="sm" c="red" role="alert">{describeError(save.error, t)}</Text>}
        </>
      )}
    </Section>
  );
}
