import { StateMessage } from '@appliance/ui';
import { Center } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { useTexts } from '../texts/index.ts';

/** Stands where the client would, when that cannot be drawn. */
export function PageFailed() {
  const t = useTexts();
  return (
    <Center h="100%">
      <StateMessage icon={<IconRefreshAlert size={40} stroke={1.2} />} title={t.pageFailed.title} role="alert" retry={{ label: t.pageFailed.reload, onClick: () => location.reload() }}>
        {t.pageFailed.text}
      </StateMessage>
    </Center>
  );
}
