import { TOKEN } from '../../../test/support/platforms/eventbrite.js'
import {
  startStubPlatform,
  type StubRequest,
  type StubResponse,
} from '../../../test/support/platforms/stub-platform.js'
import { EventbriteAdapter } from './eventbrite-adapter.js'

/** An adapter to a platform that responds as the test specifies. */
export async function adapterTo(respond: (request: StubRequest) => StubResponse) {
  const { http, requests, url } = await startStubPlatform('EVENTBRITE', respond)
  const config = { apiUrl: `${url}/v3`, token: TOKEN, webhookToken: null }
  return { adapter: new EventbriteAdapter({ config, http, now: () => new Date() }), requests }
}
