import { useLayoutEffect, useRef } from 'react';
import { useTexts } from '../texts/index.ts';
import type { FrameDocument } from './html.ts';
import classes from './Reader.module.css';

/** Scripts never run in it and it has no origin; links open outside it. */
export function HtmlBody({ document }: { document: FrameDocument }) {
  const t = useTexts();
  const frame = useRef<HTMLIFrameElement>(null);
  // By hand: React would turn the trusted value into a mere string.
  useLayoutEffect(() => {
    if (frame.current) frame.current.srcdoc = document.srcdoc;
  }, [document]);
  return <iframe ref={frame} className={classes.frame} title={t.reader.body} sandbox="allow-popups allow-popups-to-escape-sandbox" referrerPolicy="no-referrer" />;
}
