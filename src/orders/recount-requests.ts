/** Requests to read a platform's own count of a channel again. */
export abstract class RecountRequests {
  /**
   * Schedules a count at `at`, or earlier if one is already due, if the present count blocks units: the platform reported
   * one, and the channel is closed or its count is above the cap in force.
   */
  abstract request(channelId: string, at: Date): Promise<void>
}
