/**
 * The path of a request, safe to log and return: no query, at most 200 characters, and nothing after
 * `/webhooks/<platform>`, which may be a secret.
 */
export function publicPath(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!.slice(0, 200)
  return path.replace(/^(\/+webhooks\/+[^/]*)\/.*$/i, '$1/[token]')
}
