export const DEFAULT_API_URL = 'https://api.meetup.com/gql-ext'
export const DEFAULT_TOKEN_URL = 'https://secure.meetup.com/oauth2/access'

/** A key pair registered with the OAuth client; acts for the member who owns that client. */
export interface JwtCredentials {
  clientKey: string
  memberId: string
  signingKeyId: string
  /** RSA private key in PEM; a literal `\n` counts as a line break. */
  privateKey: string
  tokenUrl?: string
}

export type MeetupCredentials = { accessToken: string } | JwtCredentials

export interface MeetupConfig {
  apiUrl?: string
  /** Null: the platform is not configured. */
  credentials: MeetupCredentials | null
  /** `whsec_…`; several, comma-separated, during a rotation. Null: every delivery counts as forged. */
  webhookSecret?: string | null
  /**
   * Guests that a member may bring, sent with each limit because Meetup may reset omitted settings. Null keeps the
   * organizer's setting. 0 makes attendees equal RSVPs, which is the safe choice if the organizer agrees.
   */
  guestLimit?: number | null
  /** The platform's own budget, used when it reports our usage. */
  pointsPerWindow?: number
  /** The maximum cost of one call, for small budgets: page sizes are chosen to fit. */
  maxPointsPerCall?: number
}
