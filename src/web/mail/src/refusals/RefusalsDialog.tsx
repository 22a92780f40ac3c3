import type { Refusal } from '@appliance/crypto';
import { formatMessageDate, StateMessage, useLanguage } from '@appliance/ui';
import { Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconMoodCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { describeError } from '../errors.ts';
import { useSession, useVault } from '../session.ts';
import { People } from '../list/People.tsx';
import { type Texts, useTexts } from '../texts/index.ts';
import { addressAsShown, asWritten } from '../visible.ts';
import classes from './Refusals.module.css';

/** What was refused that was written to the member: nothing is turned away behind their back. */
export function RefusalsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTexts();
  const vault = useVault();
  const { mailboxId } = useSession();
  const days = useQuery({ queryKey: ['refusals', mailboxId], queryFn: () => vault.refusals(mailboxId), enabled: opened, gcTime: 0 });
  return (
    <Modal opened={opened} onClose={onClose} title={t.refusals.title} closeButtonProps={{ 'aria-label': t.close }} size="lg">
      <Text size="sm" c="dimmed" mb="md">{t.refusals.text}</Text>
      {days.isError
        ? <StateMessage icon={<IconAlertCircle size={40} stroke={1.2} />} title={t.refusals.failed} role="alert" retry={{ label: t.retry, onClick: () => void days.refetch() }}>{describeError(days.error, t)}</StateMessage>
        : !days.data
          ? <Stack gap="sm" role="status" aria-label={t.loading}>{[80, 64, 72].map(width => <Skeleton key={width} height={16} width={`${width}%`} />)}</Stack>
          : days.data.length === 0
            ? <StateMessage icon={<IconMoodCheck size={40} stroke={1.2} />} title={t.refusals.none}>{t.refusals.noneHint}</StateMessage>
            : days.data.map(({ day, refusals, leftOut }) => (
              <section key={day} className={classes.day}>
                <ul aria-label={day}>
                  {[...refusals].reverse().map((refusal, index) => <Row key={index} refusal={refusal} />)}
                </ul>
                {leftOut > 0 && <Text size="sm" c="dimmed" mt={4}>{t.refusals.leftOut(leftOut)}</Text>}
              </section>
            ))}
    </Modal>
  );
}

function Row({ refusal }: { refusal: Refusal }) {
  const t = useTexts();
  const { language } = useLanguage();
  const { envelopeFrom, subject, at, reply } = refusal;
  const from = refusal.from.filter(author => author.address !== '');
  return (
    <li className={classes.row}>
      <span className={classes.from}>{from.length > 0 ? <People people={from} as={author => addressAsShown(author.address)} /> : addressAsShown(envelopeFrom) || t.list.noSender}</span>
      <time dateTime={at}>{formatMessageDate(new Date(at), language)}</time>
      {subject !== undefined && <span className={classes.subject} dir="auto">{asWritten(subject) || t.list.noSubject}</span>}
      <span className={classes.why} title={reply}>{reasonOf(refusal, t)}</span>
    </li>
  );
}

function reasonOf({ reason, reply }: Refusal, { refusals }: Texts): string {
  return refusals.reasons[reason] ?? refusals.other(reply);
}
