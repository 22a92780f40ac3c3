import type { ActivationStep } from '@appliance/crypto';
import { Group, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { useTexts } from '../texts/index.ts';

const steps: readonly ActivationStep[] = ['password', 'phrase', 'keys', 'account'];

export function MakingKeys({ step }: { step: ActivationStep }) {
  const t = useTexts();
  const current = step === 'done' ? steps.length : steps.indexOf(step);
  return (
    <EntryFrame step={t.activation.step(3, 4)} title={t.activation.makingTitle} lead={t.activation.makingLead}>
      <Stack component="ol" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
        {steps.map((name, index) => (
          <Group component="li" key={name} gap="sm" wrap="nowrap" aria-current={index === current ? 'step' : undefined}>
            <ThemeIcon size={24} radius="xl" variant={index < current ? 'light' : 'transparent'} aria-hidden="true">
              {index < current ? <IconCheck size={14} stroke={2.5} /> : index === current ? <Loader size={18} /> : <span style={{ color: 'var(--mantine-color-dimmed)' }}>·</span>}
            </ThemeIcon>
            <Text c={index > current ? 'dimmed' : undefined} fw={index === current ? 600 : 400}>{t.activation.steps[name]}</Text>
          </Group>
        ))}
      </Stack>
      <span className="visually-hidden" role="status">{t.activation.steps[step]}</span>
    </EntryFrame>
  );
}
