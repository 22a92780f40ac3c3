import type { OpenedMessage } from '@appliance/crypto';
import type { MailAddress } from '@appliance/formats';
import { formatFullDate, formatMessageDate, useLanguage } from '@appliance/ui';
import { Avatar, Group, Text, Title, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { People } from '../list/People.tsx';
import { authorsOf, subjectOf, whoIs } from '../list/summaries.ts';
import { useTexts } from '../texts/index.ts';
import { addressAsShown } from '../visible.ts';
import { Fact } from './Fact.tsx';
import classes from './Reader.module.css';
import { VerdictFact } from './Verdict.tsx';

/** Mail takes a moment, and clocks differ a little: only a sender's date further from the arrival tells anything. */
const usualMinutes = 10;

/** Subject, people, the date of arrival as the list has it, and what is known of how the message came. An address is always shown beside the name it goes by. */
export function Envelope({ message: { summary, slip }, arrivedAt }: { message: OpenedMessage; arrivedAt: string | undefined }) {
  const t = useTexts();
  const { language } = useLanguage();
  const [areDetailsOpen, setDetailsOpen] = useState(false);
  const authors = authorsOf(summary);
  const [sender] = authors;
  const sent = summary.dateUtc === undefined ? null : new Date(summary.dateUtc);
  const arrived = arrivedAt === undefined ? null : new Date(arrivedAt);
  const shown = arrived ?? sent;
  const isSentApart = sent !== null && arrived !== null && Math.abs(arrived.getTime() - sent.getTime()) > usualMinutes * 60_000;
  const people: [label: string, addresses: MailAddress[]][] = [[t.reader.from, summary.from], [t.reader.replyTo, summary.replyTo], [t.reader.to, summary.to], [t.reader.cc, summary.cc]];
  return (
    <header className={classes.envelope}>
      <Title order={2} className={classes.subject} dir="auto">{subjectOf(summary, t)}</Title>
      <Group className={classes.head} gap="sm" wrap="nowrap" align="flex-start">
        <Avatar size={40} radius="xl" color="pine" aria-hidden="true">{initialOf(sender)}</Avatar>
        <div className={classes.who}>
          <Group gap="0 8px" align="baseline">
            <Text component="span" fw={600} className={classes.name}>{authors.length > 0 ? <People people={authors} /> : t.list.noSender}</Text>
            {sender && hasName(sender) && <Text component="bdi" size="sm" c="dimmed" className={classes.name}>{addressAsShown(sender.address)}</Text>}
          </Group>
          <UnstyledButton className={classes.details} aria-expanded={areDetailsOpen} onClick={() => setDetailsOpen(!areDetailsOpen)}>
            <span className={classes.recipients}>{t.reader.to} {summary.to.length > 0 ? <People people={summary.to} /> : '—'}</span>
            <IconChevronDown size={14} className={classes.mark} aria-hidden="true" style={areDetailsOpen ? { transform: 'rotate(180deg)' } : undefined} />
          </UnstyledButton>
        </div>
        {shown && (
          <Text component="div" size="sm" c="dimmed" className={classes.date} data-apart={isSentApart || undefined}>
            <time dateTime={arrivedAt ?? summary.dateUtc} title={formatFullDate(shown, language)}>{formatMessageDate(shown, language)}</time>
            {isSentApart && <time dateTime={summary.dateUtc} title={summary.date}>{t.reader.sentOn(formatMessageDate(sent, language))}</time>}
          </Text>
        )}
      </Group>
      {areDetailsOpen && (
        <dl className={classes.people}>
          {people.filter(([, addresses]) => addresses.length > 0).map(([label, addresses]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd><People people={addresses} as={person => hasName(person) ? <>{whoIs(person)} <bdi>&lt;{addressAsShown(person.address)}&gt;</bdi></> : whoIs(person)} /></dd>
            </div>
          ))}
          {summary.date && <div><dt>{t.reader.sentAt}</dt><dd title={summary.date}>{sent ? formatFullDate(sent, language) : summary.date}</dd></div>}
          {arrived && <div><dt>{t.reader.arrivedAt}</dt><dd>{formatFullDate(arrived, language)}</dd></div>}
        </dl>
      )}
      <Group gap="xs" mt="sm">
        <Fact icon={<IconLock size={12} />} color="pine" label={t.reader.sealed} title={t.reader.sealedTitle}><Text size="sm">{t.reader.sealedText}</Text></Fact>
        <VerdictFact verdict={summary.verdict} rules={slip?.rules} />
      </Group>
    </header>
  );
}

const initialOf = (sender: MailAddress | undefined): string | undefined => sender && (/[\p{L}\p{N}]/u.exec(whoIs(sender))?.[0].toUpperCase());

const hasName = (person: MailAddress): boolean => whoIs(person) !== addressAsShown(person.address);
