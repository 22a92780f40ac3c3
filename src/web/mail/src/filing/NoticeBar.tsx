import { Button, CloseButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTexts } from '../texts/index.ts';
import classes from './Filing.module.css';

export interface Notice { text: string; undo?: () => void }

export const shownFor = 10_000;

interface NoticeBarProps {
  notice: Notice | null;
  onClose: () => void;
  /** The buttons go when they are pressed: this finds the focus another place. */
  onAnswered: () => void;
}

/** What was just done, and the way back. */
export function NoticeBar({ notice, ...rest }: NoticeBarProps) {
  return <div role="status">{notice && <Shown notice={notice} {...rest} />}</div>;
}

function Shown({ notice, onClose, onAnswered }: NoticeBarProps & { notice: Notice }) {
  const t = useTexts();
  const [isHeld, hold] = useState(false); // under the pointer, or with the focus: it does not go from under the hand
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(onClose, shownFor);
    return () => clearTimeout(timer);
  }, [notice, onClose, isHeld]);
  const answer = (act: () => void) => () => {
    onAnswered();
    act();
  };
  return (
    <div
      className={classes.notice}
      onMouseEnter={() => hold(true)}
      onMouseLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={event => hold(event.currentTarget.contains(event.relatedTarget))}
    >
      <span>{notice.text}</span>
      {notice.undo && <Button variant="subtle" size="compact-sm" flex="none" onClick={answer(notice.undo)}>{t.filing.undo}</Button>}
      <CloseButton aria-label={t.close} onClick={answer(onClose)} />
    </div>
  );
}
