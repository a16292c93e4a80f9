import { buildSchema, GraphQLError, GraphQLScalarType, type GraphQLSchema } from 'graphql'
import { Kind } from 'graphql'

const SDL = /* GraphQL */ `
  scalar DateTime

  type Query {
    event(id: ID!): Event
    groupByUrlname(urlname: String!): Group
    self: Member
  }

  type Mutation {
    editEvent(input: EditEventInput!): EditEventPayload!
    deleteEvent(input: DeleteEventInput!): DeleteEventPayload!
    closeEventRsvps(input: CloseEventRsvpsInput!): CloseEventRsvpsPayload!
    openEventRsvps(input: OpenEventRsvpsInput!): OpenEventRsvpsPayload!
  }

  type Event {
    id: ID!
    token: ID!
    title: String!
    status: EventStatus!
    eventType: EventType!
    dateTime: DateTime
    endTime: DateTime
    eventUrl: String!
    maxTickets: Int
    guestLimit: Int
    guestsAllowed: Boolean!
    numberOfAllowedGuests: Int!
    waitlistMode: WaitlistMode!
    rsvpSettings: RsvpOpenSettings!
    feeSettings: EventFeeSettings
    group: Group
    venues: [Venue!]
    rsvps(after: String, first: Int, filter: RsvpFilter, sort: RsvpSort): RsvpConnection!
  }

  type Venue {
    id: ID!
    name: String
  }

  type RsvpOpenSettings {
    rsvpOpenTime: DateTime
    rsvpCloseTime: DateTime
    rsvpsClosed: Boolean
  }

  type EventFeeSettings {
    required: Boolean!
    amount: Float!
  }

  type RsvpConnection {
    edges: [RsvpEdge!]!
    pageInfo: PageInfo
    totalCount: Int
    yesCount: Int
    noCount: Int
    waitlistCount: Int
    attendedCount: Int
    absentCount: Int
    noShowCount: Int
  }

  type RsvpEdge {
    cursor: String!
    node: Rsvp!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  type Rsvp {
    id: ID!
    status: RsvpStatus
    guestsCount: Int!
    updated: DateTime
    isHost: Boolean!
    member: Member!
  }

  type Member {
    id: ID!
    name: String
    email: String!
    memberships(after: String, first: Int): MemberGroupConnection!
  }

  type MemberGroupConnection {
    edges: [MemberGroupEdge!]!
    pageInfo: PageInfo!
    totalCount: Int
  }

  type MemberGroupEdge {
    cursor: String!
    metadata: Membership
    node: Group
  }

  type Membership {
    role: Role
  }

  type Group {
    id: ID!
    name: String!
    urlname: String!
    timezone: String
    events(after: String, filter: GroupEventFilter, first: Int, sort: SortOrder): GroupEventConnection!
  }

  type GroupEventConnection {
    edges: [EventEdge!]!
    pageInfo: PageInfo
    totalCount: Int
  }

  type EventEdge {
    cursor: String!
    node: Event!
  }

  input GroupEventFilter {
    afterDateTime: DateTime
    beforeDateTime: DateTime
    status: [EventStatus]
    title: String
  }

  enum Role {
    ASST_ORGANIZER
    COORGANIZER
    EVENT_ORGANIZER
    MEMBER
    ORGANIZER
  }

  type PayloadError {
    code: String!
    message: String!
    field: String
  }

  type EditEventPayload {
    event: Event
    errors: [PayloadError!]
  }

  type CloseEventRsvpsPayload {
    event: Event
    errors: [PayloadError!]
  }

  type OpenEventRsvpsPayload {
    event: Event
    errors: [PayloadError!]
  }

  input EditEventInput {
    eventId: ID!
    title: String
    applyToSeries: Boolean
    rsvpSettings: RsvpSettings
    venueOptions: [VenueOptionInput!]
  }

  input DeleteEventInput {
    eventId: ID!
    removeFromCalendar: Boolean
    updateSeries: Boolean
  }

  type DeleteEventPayload {
    success: Boolean
    errors: [PayloadError!]
  }

  input RsvpSettings {
    rsvpLimit: Int
    guestLimit: Int
    rsvpOpenTime: String
    rsvpCloseTime: String
    rsvpOpenDuration: String
    rsvpCloseDuration: String
  }

  input VenueOptionInput {
    venueId: String!
    rsvpLimit: Int
    guestLimit: Int
  }

  input CloseEventRsvpsInput {
    eventId: ID!
  }

  input OpenEventRsvpsInput {
    eventId: ID!
  }

  input RsvpFilter {
    rsvpStatus: [RsvpStatus]
    onlyHosts: Boolean
    onlyWithGuests: Boolean
    venueId: ID
    startDate: DateTime
  }

  input RsvpSort {
    sortField: RsvpSortField
    sortOrder: SortOrder
    hostsFirst: Boolean
  }

  enum RsvpSortField {
    RSVP_ID
    DATETIME
    NAME
  }

  enum SortOrder {
    ASC
    DESC
  }

  enum RsvpStatus {
    YES
    NO
    WAITLIST
    YES_PENDING_PAYMENT
    ATTENDED
    NO_SHOW
    EXCUSED_ABSENCE
    HAVENT
    MAYBE
  }

  enum WaitlistMode {
    AUTO
    OFF
  }

  enum EventType {
    PHYSICAL
    ONLINE
    HYBRID
  }

  enum EventStatus {
    ACTIVE
    AUTOSCHED
    AUTOSCHED_CANCELLED
    AUTOSCHED_DRAFT
    AUTOSCHED_FINISHED
    BLOCKED
    CANCELLED
    CANCELLED_PERM
    DRAFT
    PAST
    PENDING
    PROPOSED
    TEMPLATE
  }
`

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

function createSchema(): GraphQLSchema {
  const schema = buildSchema(SDL)
  const dateTime = schema.getType('DateTime')
  if (!(dateTime instanceof GraphQLScalarType)) throw new Error('the schema has no DateTime')
  dateTime.parseValue = zoned
  dateTime.parseLiteral = (node) => zoned(node.kind === Kind.STRING ? node.value : undefined)
  return schema
}

/** Times in inputs must have a zone. */
function zoned(value: unknown): string {
  if (typeof value === 'string' && ZONED.test(value) && !Number.isNaN(Date.parse(value))) return value
  throw new GraphQLError(`Invalid RFC3339 value: '${String(value)}'`)
}

/** The part of Meetup's schema that concerns RSVPs. An unknown field fails validation, as on Meetup. */
export const SCHEMA = createSchema()
