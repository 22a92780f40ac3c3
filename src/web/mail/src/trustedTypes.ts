/**
 * What may reach a sink that could run script, now that the page's policy asks for Trusted Types. Imported before anything else. Mail passes as
 * DOMPurify's own type; strings are let through only as Mantine's style sheets, which hold no `<`, and as this site's worker.
 */
export const rules = {
  createHTML(html: string): string {
    if (html.includes('<')) throw new TypeError('Markup must come from DOMPurify.');
    return html;
  },
  createScriptURL(url: string): string {
    const { origin, pathname } = new URL(url, location.href);
    if (origin !== location.origin || !pathname.startsWith('/assets/')) throw new TypeError('Scripts come from this site only.');
    return url;
  },
};

/** TypeScript's DOM library does not know the API, and older browsers have none. */
interface TrustedTypes { createPolicy(name: 'default', policy: typeof rules): unknown }

// The development server hands out scripts from elsewhere and asks for no Trusted Types.
if (import.meta.env.PROD) (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('default', rules);
