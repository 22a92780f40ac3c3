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

/** @param rules What the member has said of the sender: `allow` or `block`. */
export function storyOf(verdict: Verdict, texts: Texts, rules: readonly string[] = []): Story {
  const t = texts.reader.verdict;
  const standing = standingOf(verdict);
  const from = verdict.from ?? verdict.dmarc?.domain;
  // The author's domain did not confirm it: somebody this server trusts says that it had.
  const forwarder = standing === 'pass' && verdict.dmarc?.result === 'fail' ? verdict.arc?.domain : undefined;
  const isSeveral = verdict.dmarc !== undefined && verdict.from === undefined && verdict.dmarc.result !== 'permerror';
  return {
    standing,
    label: forwarder !== undefined ? t.forwarded(forwarder) : standing === 'pass' && verdict.from ? t.pass(verdict.from) : standing === 'pass' ? t.passTitle : t[standing],
    title: forwarder !== undefined ? t.forwardedTitle : standing === 'unconfirmed' ? t.failTitle : t[`${standing}Title`],
    sentences: [...verdict.dmarc ? sentencesOf(verdict, from, isSeveral, texts) : [t.unchecked], ...rules.flatMap(rule => rule === 'allow' ? t.allowed : rule === 'block' ? t.blocked : [])],
    warning: standing === 'fail' ? from && !isSeveral ? t.note(from) : t.noteSeveral : verdict.junk !== undefined && !rules.includes('allow') ? t.noteJunk : null,
    details: [
      ...verdict.spf ? [detail('SPF', verdict.spf)] : [],
      ...verdict.dkim.map(signature => detail('DKIM', signature)),
      ...verdict.dmarc ? [detail('DMARC', verdict.dmarc)] : [],
      ...verdict.arc ? [detail('ARC', verdict.arc)] : [],
      ...verdict.reverseDns ? [detail('iprev', verdict.reverseDns)] : [],
      ...(verdict.filters ?? []).map(({ filter, result, detail: reason }) => ({ method: filter, result, domain: undefined, isAligned: false, reason })),
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
  const signers = [...new Set(dkim.filter(one => one.result === 'pass').flatMap(one => one.domain ?? []))];
  const sent = !spf?.domain ? t.sentByNobody : spf.result === 'pass' ? t.sent(spf.domain) : t.notSent(spf.domain);
  const signed = signers.length > 0 ? t.signed(signers) : dkim.some(one => one.result === 'temperror') ? t.unread : dkim.length > 0 ? t.broken : t.unsigned;
  const isVouchedFor = verdict.arcTrusted === true && verdict.arc?.domain !== undefined;
  return [
    t.join([sent, signed]),
    isSeveral ? t.severalAuthors : null,
    dmarc?.result === 'permerror' || from === undefined ? t.dmarc.permerror
      : dmarc?.result === 'pass' || dmarc?.result === 'fail' || dmarc?.result === 'temperror' ? t.dmarc[dmarc.result](from)
      : t.dmarc.none(from),
    isVouchedFor && verdict.arc?.domain ? t.passedOn(verdict.arc.domain) : null,
    dmarc?.result === 'fail' && from !== undefined && !(isVouchedFor && verdict.result === 'pass') && (policy === 'none' || policy === 'quarantine' || policy === 'reject') ? t.asks[policy](from) : null,
    verdict.listedBy && verdict.listedBy.length > 0 ? t.listed(verdict.listedBy) : null,
    verdict.vouchedBy && verdict.vouchedBy.length > 0 ? t.vouched(verdict.vouchedBy) : null,
    ...(verdict.filters ?? []).map(({ filter, result }) => result === 'absent' ? t.filterAbsent(filter) : result === 'toolong' ? t.filterTooLong(filter) : null),
    junk === undefined ? null : junkSentence(junk, verdict.signs ?? [], texts),
  ].filter(sentence => sentence !== null);
}

function junkSentence(junk: string, signs: readonly string[], texts: Texts): string {
  const t = texts.reader.verdict;
  if (junk === 'dmarc-reject') return t.junkList;
  if (junk === 'spam' || junk === 'virus') return t.junkFilter[junk];
  const against = signs.flatMap(sign => t.signs[sign] ?? []);
  return junk === 'signs' && against.length > 0 ? t.junkSigns(against) : t.junk;
}

const detail = (method: string, { result, domain, aligned, reason }: MethodResult): Story['details'][number] =>
  ({ method, result, domain, isAligned: aligned === true, reason });
