import { Badge, type BadgeProps, Popover, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Reader.module.css';

/** A badge that explains itself when pressed. */
export function Fact({ icon, color, label, title, children }: { icon: ReactNode; color: NonNullable<BadgeProps['color']>; label: string; title: string; children: ReactNode }) {
  return (
    <Popover width={340} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <Badge component="button" type="button" className={classes.fact} variant="light" color={color} leftSection={icon} tt="none" fw={500}>{label}</Badge>
      </Popover.Target>
      <Popover.Dropdown aria-label={title}>
        <Text size="sm" fw={600} mb={4} tabIndex={-1} data-autofocus>{title}</Text>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
