import { Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconPrinter } from '@tabler/icons-react';
import { EntryFrame } from '../entry/EntryFrame.tsx';
import { useTexts } from '../texts/index.ts';
import classes from './PhraseStep.module.css';

export function PhraseStep({ phrase, address, onDone }: { phrase: string[]; address: string; onDone: () => void }) {
  const t = useTexts();
  return (
    <EntryFrame step={t.activation.step(4, 4)} title={t.activation.phraseTitle} lead={t.activation.phraseLead} width={520}>
      <Stack>
        <Text className={classes.printed}>{t.activation.printed} {address}</Text>
        <ol className={classes.words} aria-label={t.activation.phraseLabel} lang="en" translate="no">
          {phrase.map((word, index) => (
            <li key={index} className={classes.word}>
              <span className={classes.number} aria-hidden="true">{index + 1}</span>
              <span>{word}</span>
            </li>
          ))}
        </ol>
        <Group className={classes.actions} justify="space-between">
          <Group gap="xs">
            <CopyButton value={phrase.join(' ')}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}>{copied ? t.copied : t.copy}</Button>
              )}
            </CopyButton>
            <Button variant="default" onClick={() => window.print()} leftSection={<IconPrinter size={16} />}>{t.activation.print}</Button>
          </Group>
          <Button onClick={onDone}>{t.activation.phraseNext}</Button>
        </Group>
      </Stack>
    </EntryFrame>
  );
}
