import { Skeleton, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { describeError } from '../errors.ts';
import { useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { RetentionForm } from './RetentionForm.tsx';
import { Section } from './Section.tsx';

/** The operator's rule for everybody. */
export function PolicyRetention() {
  const t = useTexts();
  const vault = useVault();
  const queries = useQueryClient();
  const saved = useQuery({ queryKey: ['policy'], queryFn: () => vault.retentionPolicy() });
  return (
    <Section title={t.settings.policy} text={t.settings.policyText}>
      {saved.isError ? <Text size="sm" c="red" role="alert">{describeError(saved.error, t)}</Text> : saved.data === undefined ? <Skeleton height={36} /> : (
        <RetentionForm
          label={t.settings.policyLabel}
          saved={saved.data}
          preview={days => vault.previewRetentionPolicy(days)}
          save={async days => {
            await vault.setRetentionPolicy(days);
            await Promise.all([queries.invalidateQueries({ queryKey: ['policy'] }), queries.invalidateQueries({ queryKey: ['retention'] })]);
          }}
        />
      )}
    </Section>
  );
}
