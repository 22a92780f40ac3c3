import { ActionIcon, type ActionIconProps, Menu, Tooltip } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';

interface MenuButtonProps { label: string; icon: ReactNode; color?: ActionIconProps['color']; loading?: boolean; width?: number; children: ReactNode }

/** An icon that opens a menu. It says what it is called until the menu lies there, and has the focus again after whatever an item opens. */
export function MenuButton({ label, icon, color, loading, width, children }: MenuButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <Menu opened={isOpen} onChange={setOpen} position="bottom-end" withInitialFocusPlaceholder={false} {...width !== undefined && { width }}>
      <Menu.Target>
        <Tooltip label={label} disabled={isOpen}>
          <ActionIcon ref={button} variant="subtle" color={color} size="lg" aria-label={label} loading={loading}>{icon}</ActionIcon>
        </Tooltip>
      </Menu.Target>
      {/* The item goes with the menu: a dialog would give the focus back to what is not there any more. */}
      <Menu.Dropdown onClickCapture={() => button.current?.focus()}>{children}</Menu.Dropdown>
    </Menu>
  );
}
