import { Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

export function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const id = useId();
  return (
    <Stack component="section" gap="md" aria-labelledby={id}>
      <div>
        <Title order={3} fz="md" id={id}>{title}</Title>
        <Text size="sm" c="dimmed">{text}</Text>
      </div>
      {children}
    </Stack>
  );
}
