/** What the token of a hook may be: it is part of a URL. */
export const TOKEN_RULE = 'a text of 8 to 200 letters, digits, "_", "-", "." or "~"';

export function isHookToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\w.~-]{8,200}$/.test(token);
}
