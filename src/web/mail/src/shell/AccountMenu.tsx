import { ColorSchemeChoice, formatFingerprint, LanguageChoice } from '@appliance/ui';
import { Avatar, Button, CopyButton, Group, Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy, IconKeyboard, IconLogout, IconSelector, IconSettings } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useSession } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import classes from './Sidebar.module.css';

export function AccountMenu({ onHelp, onSettings }: { onHelp: () => void; onSettings: () => void }) {
  const t = useTexts();
  const { account, signOut } = useSession();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  /** What is opened gives the focus back to what had it, and that should still be there. */
  const leave = (open: () => void) => () => {
    setOpen(false);
    button.current?.focus();
    open();
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top-start" width={288} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton ref={button} className={classes.account} onClick={() => setOpen(!isOpen)}>
          <Avatar size={28} radius="xl" color="pine" aria-hidden="true">{account.address.slice(0, 1).toUpperCase()}</Avatar>
          <span className="visually-hidden">{t.account}: </span>
          <span className={classes.address}>{account.address}</span>
          <IconSelector size={16} aria-hidden="true" />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.account}>
        <Stack gap="sm">
          <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>{account.address}</Text>
          <div>
            <Group justify="space-between" wrap="nowrap">
              <Text size="xs" c="dimmed">{t.fingerprint}</Text>
              <CopyButton value={account.fingerprint.toUpperCase()}>
                {({ copied, copy }) => (
                  <Button size="compact-xs" variant="subtle" onClick={copy} leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}>{copied ? t.copied : t.copy}</Button>
                )}
              </CopyButton>
            </Group>
            <Text className={classes.fingerprint} translate="no">{formatFingerprint(account.fingerprint)}</Text>
            <Text size="xs" c="dimmed" mt={4}>{t.fingerprintHint}</Text>
          </div>
          <Group justify="space-between"><Text size="sm">{t.language}</Text><LanguageChoice label={t.language} /></Group>
          <Group justify="space-between"><Text size="sm">{t.theme}</Text><ColorSchemeChoice label={t.theme} names={t.themes} /></Group>
          <Button size="xs" variant="default" leftSection={<IconSettings size={16} />} onClick={leave(onSettings)}>{t.settings.title}</Button>
          <Button size="xs" variant="default" leftSection={<IconKeyboard size={16} />} onClick={leave(onHelp)}>{t.help}</Button>
          <Button size="xs" variant="default" leftSection={<IconLogout size={16} />} onClick={signOut}>{t.signOut}</Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
