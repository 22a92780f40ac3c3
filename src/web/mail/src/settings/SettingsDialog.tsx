import { Modal, Stack } from '@mantine/core';
import { useSession } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { OwnRetention } from './OwnRetention.tsx';
import { OwnSenders } from './OwnSenders.tsx';
import { PolicyRetention } from './PolicyRetention.tsx';

export function SettingsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTexts();
  const { account } = useSession();
  return (
    <Modal opened={opened} onClose={onClose} title={t.settings.title} closeButtonProps={{ 'aria-label': t.close }} size="lg">
      <Stack gap="xl">
        <OwnSenders />
        <OwnRetention />
        {account.isOperator && <PolicyRetention />}
      </Stack>
    </Modal>
  );
}
