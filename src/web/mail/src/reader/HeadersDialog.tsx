import type { OpenedMessage } from '@appliance/crypto';
import { Badge, Modal, Table } from '@mantine/core';
import { useTexts } from '../texts/index.ts';
import { linesWithSigns } from '../visible.ts';
import classes from './Reader.module.css';

/** Every header field in its order, those this server added marked. */
export function HeadersDialog({ opened, headers, onClose }: { opened: boolean; headers: OpenedMessage['headers']; onClose: () => void }) {
  const t = useTexts();
  return (
    <Modal opened={opened} onClose={onClose} title={t.reader.headers} size="xl" closeButtonProps={{ 'aria-label': t.close }}>
      <Table verticalSpacing={6} layout="fixed" className={classes.headers}>
        <Table.Tbody>
          {headers.map(({ name, value, ours }, index) => (
            <Table.Tr key={index}>
              <Table.Th scope="row">{linesWithSigns(name)}{ours && <Badge size="xs" variant="light" tt="none" fw={500} display="block" mt={4}>{t.reader.headersOurs}</Badge>}</Table.Th>
              <Table.Td dir="ltr">{linesWithSigns(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
