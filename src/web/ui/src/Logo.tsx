import { Group, Text } from '@mantine/core';

/** An envelope whose flap is a keyhole's shoulders: drawn in the text's own colour. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="var(--mantine-primary-color-filled)" />
      <path d="M7 11.5 16 18l9-6.5" stroke="var(--mantine-primary-color-contrast)" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      <rect x="6.5" y="9" width="19" height="14" rx="3" stroke="var(--mantine-primary-color-contrast)" strokeWidth="2" />
      <circle cx="16" cy="18" r="2.4" fill="var(--mantine-primary-color-contrast)" />
    </svg>
  );
}

export function Wordmark({ name }: { name: string }) {
  return (
    <Group gap={10} wrap="nowrap">
      <Logo />
      <Text fw={650} fz={16} lts="-0.01em">{name}</Text>
    </Group>
  );
}
