import { ActionIcon, type ActionIconProps, Menu, Tooltip } from '@mantine/core';
import { type ReactNode, useRef } from 'react';

interface MenuButtonProps { label: string; icon: ReactNode; color?: ActionIconProps['color']; loading?: boolean; width?: number; children: ReactNode }

/** An icon that opens a menu, and has the focus again after whatever an item opens. */
export function MenuButton({ label, icon, color, loading, width, children }: MenuButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false} {...width !== undefined && { width }}>
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon ref={button} variant="subtle" color={color} size="lg" aria-label={label} loading={loading}>{icon}</ActionIcon>
        </Tooltip>
      </Menu.Target>
      {/* The item goes with the menu: a dialog would give the focus back to what is not there any more. */}
      <Menu.Dropdown onClickCapture={() => button.current?.focus()}>{children}</Menu.Dropdown>
    </Menu>
  );
}
