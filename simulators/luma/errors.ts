/** An error of the platform: becomes a response `{"message": …}` with this status. */
export class LumaError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}
