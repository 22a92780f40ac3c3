import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface StateMessageProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  retry?: { label: string; onClick: () => void };
  /** An error is announced at once. */
  role?: 'alert' | 'status';
}

/** What stands where there is nothing to show: why, and what to do. */
export function StateMessage({ icon, title, children, retry, role }: StateMessageProps) {
  return (
    <Stack align="center" gap="xs" p="xl" maw={400} m="auto" ta="center" role={role}>
      <Text c="dimmed" lh={0} mb="xs" aria-hidden="true">{icon}</Text>
      <Text fw={600}>{title}</Text>
      {children && <Text component="div" size="sm" c="dimmed">{children}</Text>}
      {retry && <Button variant="default" mt="sm" onClick={retry.onClick}>{retry.label}</Button>}
    </Stack>
  );
}
