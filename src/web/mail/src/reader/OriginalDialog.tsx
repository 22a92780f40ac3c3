import { formatSize, useLanguage } from '@appliance/ui';
import { Button, Center, Group, Loader, Modal, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { describeError } from '../errors.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { linesWithSigns } from '../visible.ts';
import { saveBlob } from './download.ts';
import classes from './Reader.module.css';

/** As much as a page scrolls well through; the file has all of it. */
const shownBytes = 200_000;

/** The message as it came, byte for byte, under the trace fields of this server. */
export function OriginalDialog({ opened, messageId, fileName, onClose }: { opened: boolean; messageId: string; fileName: string; onClose: () => void }) {
  const t = useTexts();
  return (
    <Modal opened={opened} onClose={onClose} title={t.reader.original} size="xl" closeButtonProps={{ 'aria-label': t.close }}>
      <Original messageId={messageId} fileName={fileName} />
    </Modal>
  );
}

function Original({ messageId, fileName }: { messageId: string; fileName: string }) {
  const t = useTexts();
  const vault = useVault();
  const { mailboxId } = useSession();
  const { language } = useLanguage();
  const original = useQuery({
    queryKey: ['original', mailboxId, messageId],
    queryFn: async () => {
      const eml = await vault.original({ mailboxId, messageId });
      return { eml, text: linesWithSigns(await eml.slice(0, shownBytes).text()) };
    },
    gcTime: 0,
  });
  return (
    <>
      {original.isPending && <Center p="xl" role="status" aria-label={t.loading}><Loader size="sm" /></Center>}
      {original.isError && <Text role="alert">{describeError(original.error, t)}</Text>}
      {original.isSuccess && (
        <>
          <Group justify="space-between" mb="sm">
            <Text size="sm" c="dimmed">{original.data.eml.size > shownBytes ? t.reader.originalCut(formatSize(shownBytes, language)) : formatSize(original.data.eml.size, language)}</Text>
            <Button size="xs" variant="default" leftSection={<IconDownload size={16} />} onClick={() => saveBlob(original.data.eml, fileName)}>{t.reader.downloadOriginal}</Button>
          </Group>
          <pre className={classes.original} dir="ltr" tabIndex={0}>{original.data.text}</pre>
        </>
      )}
    </>
  );
}
