import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { useTexts } from '../texts/index.ts';

export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTexts();
  const rows: [keys: string[], what: string][] = [
    [['j', '↓'], t.shortcuts.next],
    [['k', '↑'], t.shortcuts.previous],
    [['Enter'], t.shortcuts.open],
    [['u', 'Esc'], t.shortcuts.back],
    [['e'], t.filing.archive],
    [['#', 'Delete'], t.filing.delete],
    [['!'], t.filing.junk],
    [['z'], t.filing.undo],
    [['?'], t.shortcuts.help],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title={t.help} closeButtonProps={{ 'aria-label': t.close }} size="sm">
      <Stack gap="sm">
        {rows.map(([keys, what]) => (
          <Group key={what} justify="space-between" wrap="nowrap">
            <Text size="sm">{what}</Text>
            <Group gap={6}>{keys.map(key => <Kbd key={key}>{key}</Kbd>)}</Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
