import { Button, CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import { useTexts } from '../texts/index.ts';
import classes from './Filing.module.css';

export interface Notice { text: string; undo?: () => void }

const shownFor = 10_000;

/** What was just done, and the way back. Its buttons go when they are pressed: `onAnswered` finds the focus another place. */
export function NoticeBar({ notice, onClose, onAnswered }: { notice: Notice | null; onClose: () => void; onAnswered: () => void }) {
  const t = useTexts();
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(onClose, shownFor);
    return () => clearTimeout(timer);
  }, [notice, onClose]);
  const answer = (act: () => void) => () => {
    onAnswered();
    act();
  };
  return (
    <div role="status">
      {notice && (
        <div className={classes.notice}>
          <span>{notice.text}</span>
          {notice.undo && <Button variant="subtle" size="compact-sm" flex="none" onClick={answer(notice.undo)}>{t.filing.undo}</Button>}
          <CloseButton aria-label={t.close} onClick={answer(onClose)} />
        </div>
      )}
    </div>
  );
}
