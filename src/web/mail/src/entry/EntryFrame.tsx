import { ColorSchemeChoice, LanguageChoice, Wordmark } from '@appliance/ui';
import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTexts } from '../texts/index.ts';
import classes from './EntryFrame.module.css';

interface EntryFrameProps { title: string; lead?: ReactNode; step?: string; children: ReactNode; width?: number }

/** The quiet page around sign-in and activation. A new title gets the focus, so that a reader hears where it is. */
export function EntryFrame({ title, lead, step, children, width = 400 }: EntryFrameProps) {
  const t = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t.appName}`;
    heading.current?.focus();
  }, [title, t.appName]);
  return (
    <div className={classes.page}>
      <header className={classes.head}><Wordmark name={t.appName} /></header>
      <main className={classes.main} style={{ maxWidth: width }}>
        <Stack gap="xs" mb="lg">
          {step && <Text size="sm" c="dimmed">{step}</Text>}
          <Title order={1} ref={heading} tabIndex={-1} className={classes.title}>{title}</Title>
          {lead && <Text c="dimmed">{lead}</Text>}
        </Stack>
        {children}
      </main>
      <footer className={classes.foot}>
        <Group gap="sm" justify="center">
          <LanguageChoice label={t.language} />
          <ColorSchemeChoice label={t.theme} names={t.themes} />
        </Group>
      </footer>
    </div>
  );
}
