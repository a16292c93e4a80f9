/** The channels of this installation. */
export abstract class ChannelCount {
  /** Number of channels, detached ones and those of past events included. */
  abstract total(): Promise<number>
}
