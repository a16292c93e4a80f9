import { AxiosError, type AxiosAdapter } from 'axios'

/** How requests reach the platforms, where it is not over sockets: the simulation of whole systems has them in its process. */
export abstract class PlatformTransport {
  /**
   * The extension point of axios: performs one request. It has no timeout of its own but for connecting: the call ends
   * by its signal. Rejects with `NotConnected` if nothing was sent.
   */
  abstract readonly adapter: AxiosAdapter
}

/** No connection was established, so not a byte was sent. */
export class NotConnected extends AxiosError {
  override readonly name = 'NotConnected'
}
