import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTexts } from '../texts/index.ts';

/** Asks before what nobody can take back. */
export function DestroyDialog({ opened, onClose, onDestroy }: { opened: boolean; onClose: () => void; onDestroy: () => void }) {
  const t = useTexts();
  return (
    <Modal opened={opened} onClose={onClose} title={t.filing.destroyTitle} closeButtonProps={{ 'aria-label': t.close }} size="sm">
      <Stack>
        <Text size="sm">{t.filing.destroyText}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t.cancel}</Button>
          <Button color="red.9" onClick={onDestroy}>{t.filing.destroy}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
