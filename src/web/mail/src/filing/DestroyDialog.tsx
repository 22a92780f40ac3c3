import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTexts } from '../texts/index.ts';

interface DestroyDialogProps { opened: boolean; title: string; text: string; action: string; onClose: () => void; onDestroy: () => void }

/** Asks before what nobody can take back. */
export function DestroyDialog({ opened, title, text, action, onClose, onDestroy }: DestroyDialogProps) {
  const t = useTexts();
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t.close }} size="sm">
      <Stack>
        <Text size="sm">{text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.cancel}</Button>
          <Button color="red.9" onClick={onDestroy}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
