import type { LumaSimulator } from '../../../simulators/luma/server.js'

export interface ApiResponse {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

/** Plain calls of the simulated API and of its control surface, as any client would make them. */
export function lumaApi({ url, controlUrl }: Pick<LumaSimulator, 'url' | 'controlUrl'>, key = 'luma-simulator-key') {
  const call = async (address: string, init: RequestInit): Promise<ApiResponse> => {
    const response = await fetch(address, init)
    return { status: response.status, headers: response.headers, body: (await response.json()) as ApiResponse['body'] }
  }
  const headers = { 'x-luma-api-key': key, 'content-type': 'application/json' }
  const posted = (body: unknown): RequestInit => ({ method: 'POST', headers, body: JSON.stringify(body) })
  return {
    get: (path: string, query: Record<string, string> = {}) =>
      call(`${url}${path}?${new URLSearchParams(query).toString()}`, { headers }),
    post: (path: string, body: unknown) => call(url + path, posted(body)),
    query: (path: string) => call(`${controlUrl}/${path}`, {}),
    command: (path: string, body: unknown) => call(`${controlUrl}/${path}`, posted(body)),
    patch: (path: string, body: unknown) => call(`${controlUrl}/${path}`, { ...posted(body), method: 'PATCH' }),
  }
}

export type LumaApi = ReturnType<typeof lumaApi>
