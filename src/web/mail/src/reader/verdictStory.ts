import type { MethodResult, Verdict } from '@appliance/formats';
import type { Texts } from '../texts/index.ts';

export type Standing = 'pass' | 'fail' | 'unconfirmed' | 'temperror' | 'none';

/** What a person is told of where a message comes from, in their language. */
export interface Story {
  standing: Standing;
  label: string;
  title: string;
  sentences: string[];
  /** Shown above the text: the message may not be what it says. */
  warning: string | null;
  /** For those who want to know exactly; the reasons are the server's, in English. */
  details: { method: string; result: string; domain: string | undefined; isAligned: boolean; reason: string | undefined }[];
}

export function storyOf(verdict: Verdict, texts: Texts): Story {
  const t = texts.reader.verdict;
  const standing = standingOf(verdict);
  const from = verdict.from ?? verdict.dmarc?.domain;
  const isSeveral = verdict.dmarc !== undefined && verdict.from === undefined && verdict.dmarc.result !== 'permerror';
  return {
    standing,
    label: standing === 'pass' && verdict.from ? t.pass(verdict.from) : standing === 'pass' ? t.passTitle : t[standing],
    title: standing === 'unconfirmed' ? t.failTitle : t[`${standing}Title`],
    sentences: verdict.dmarc ? sentencesOf(verdict, from, isSeveral, texts) : [t.unchecked],
    warning: standing !== 'fail' ? null : from && !isSeveral ? t.note(from) : t.noteSeveral,
    details: [
      ...verdict.spf ? [detail('SPF', verdict.spf)] : [],
      ...verdict.dkim.map(signature => detail('DKIM', signature)),
      ...verdict.dmarc ? [detail('DMARC', verdict.dmarc)] : [],
      ...verdict.arc ? [detail('ARC', verdict.arc)] : [],
    ],
  };
}

/** A failure about which the author's domain asks nothing is common among honest mail, and said more quietly. */
function standingOf({ result, policy, junk }: Verdict): Standing {
  if (result === 'fail') return policy === 'none' && junk === undefined ? 'unconfirmed' : 'fail';
  return result === 'pass' || result === 'temperror' ? result : 'none';
}

function sentencesOf(verdict: Verdict, from: string | undefined, isSeveral: boolean, texts: Texts): string[] {
  const t = texts.reader.verdict;
  const { spf, dkim, dmarc, policy, junk } = verdict;
  const signers = [...new Set(dkim.filter(one => one.result === 'pass').map(one => one.domain ?? ''))];
  const sent = !spf?.domain ? t.sentByNobody : spf.result === 'pass' ? t.sent(spf.domain) : t.notSent(spf.domain);
  const signed = signers.length > 0 ? t.signed(signers) : dkim.length > 0 ? t.broken : t.unsigned;
  const isVouchedFor = verdict.arcTrusted === true && verdict.arc?.domain !== undefined;
  return [
    t.join([sent, signed]),
    isSeveral ? t.severalAuthors : null,
    dmarc?.result === 'permerror' || from === undefined ? t.dmarc.permerror
      : dmarc?.result === 'pass' || dmarc?.result === 'fail' || dmarc?.result === 'temperror' ? t.dmarc[dmarc.result](from)
      : t.dmarc.none(from),
    isVouchedFor && verdict.arc?.domain ? t.passedOn(verdict.arc.domain) : null,
    dmarc?.result === 'fail' && from !== undefined && !(isVouchedFor && verdict.result === 'pass') && (policy === 'none' || policy === 'quarantine' || policy === 'reject') ? t.asks[policy](from) : null,
    junk === undefined ? null : junk === 'dmarc-reject' ? t.junkList : t.junk,
  ].filter(sentence => sentence !== null);
}

const detail = (method: string, { result, domain, aligned, reason }: MethodResult): Story['details'][number] =>
  ({ method, result, domain, isAligned: aligned === true, reason });
