import type { OpenedMessage } from '@appliance/crypto';
import { formatSize, useLanguage } from '@appliance/ui';
import { RingProgress, Text, UnstyledButton } from '@mantine/core';
import { IconDownload, IconFile, IconFileText, IconFileZip, IconMail, IconMovie, IconMusic, IconPhoto, type TablerIcon } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { createElement, useState } from 'react';
import { describeError } from '../errors.ts';
import { useSession, useVault } from '../session.ts';
import { useTexts } from '../texts/index.ts';
import { inTwo, safeFileName, saveBlob } from './download.ts';
import classes from './Reader.module.css';

type Attachment = OpenedMessage['attachments'][number];

/** What the message carries. Nothing of it is fetched before it is asked for. */
export function AttachmentList({ messageId, attachments }: { messageId: string; attachments: Attachment[] }) {
  const t = useTexts();
  return (
    <section aria-label={t.reader.attachments} className={classes.attachments}>
      {attachments.map(attachment => <AttachmentButton key={attachment.partIndex} messageId={messageId} attachment={attachment} />)}
    </section>
  );
}

function AttachmentButton({ messageId, attachment: { partIndex, name, type, size } }: { messageId: string; attachment: Attachment }) {
  const t = useTexts();
  const vault = useVault();
  const { mailboxId } = useSession();
  const { language } = useLanguage();
  const [done, setDone] = useState(0);
  const shownName = safeFileName(name, t.reader.unnamed(partIndex));
  const { stem, extension } = inTwo(shownName);
  const download = useMutation({
    mutationFn: () => vault.attachment({ mailboxId, messageId }, partIndex, (bytes, total) => setDone(total > 0 ? bytes / total : 1)),
    onMutate: () => setDone(0),
    onSuccess: blob => saveBlob(blob, shownName),
  });
  return (
    <div className={classes.attachment}>
      <UnstyledButton
        className={classes.download}
        aria-busy={download.isPending}
        onClick={() => download.isPending || download.mutate()}
      >
        {createElement(iconFor(type), { size: 22, stroke: 1.4, 'aria-hidden': true })}
        <span className={classes.file}>
          <span className="visually-hidden">{download.isPending ? t.reader.downloading : t.reader.download} {shownName} </span>
          <span className={classes.fileName} title={shownName} aria-hidden="true"><span>{stem}</span><span>{extension}</span></span>
          <Text component="span" size="xs" c="dimmed">{formatSize(download.data?.size ?? size, language)}</Text>
        </span>
        {download.isPending
          ? <RingProgress size={24} thickness={3} sections={[{ value: done * 100, color: 'pine' }]} aria-hidden="true" />
          : <IconDownload size={16} className={classes.mark} aria-hidden="true" />}
      </UnstyledButton>
      {download.isError && <Text size="xs" c="error" role="alert" mt={4}>{t.reader.downloadFailed(shownName)} {describeError(download.error, t)}</Text>}
    </div>
  );
}

function iconFor(type: string): TablerIcon {
  if (type.startsWith('image/')) return IconPhoto;
  if (type.startsWith('video/')) return IconMovie;
  if (type.startsWith('audio/')) return IconMusic;
  if (type === 'message/rfc822') return IconMail;
  if (type.startsWith('text/') || type === 'application/pdf') return IconFileText;
  return /zip|compressed|tar|7z/.test(type) ? IconFileZip : IconFile;
}
