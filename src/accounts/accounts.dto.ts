import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsBoolean, IsEmail, IsIn, IsString, Length, MaxLength } from 'class-validator'
import { USER_ROLES, type UserRole } from '../infrastructure/http/access.js'
import { PageQuery } from '../infrastructure/http/requests/pagination.js'
import { Optional } from '../infrastructure/http/requests/optional.js'
import { SingleLine } from '../infrastructure/http/requests/single-line.js'
import { PASSWORD_LENGTH } from './passwords.js'
import { normalizeEmail } from './unique-email.js'

export const STAFF_ROLES = ['ADMIN', 'OPERATOR', 'VIEWER', 'DOOR'] as const
export type StaffRole = (typeof STAFF_ROLES)[number]

/** Trims the address and converts it to lower case, before it is validated. */
export function NormalizedEmail(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value))
}

function Trimmed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
}

/** Not validated as an e-mail address: a malformed one is a failed login (401), not a validation error. */
export class LoginBody {
  @ApiProperty({ example: 'jane@example.com' })
  @NormalizedEmail()
  @IsString()
  @Length(1, 254)
  email!: string

  @ApiProperty()
  @IsString()
  @Length(1, PASSWORD_LENGTH.max)
  password!: string

  @ApiPropertyOptional({
    description: 'For staff with an authenticator app: its code, or a recovery code. Without it: 401 `TOTP_REQUIRED`',
  })
  @Optional()
  @IsString()
  @Length(1, 40)
  code?: string
}

export class RegisterBody {
  @ApiProperty({ example: 'jane@example.com' })
  @NormalizedEmail()
  @IsEmail()
  @MaxLength(254)
  email!: string

  @ApiProperty({ minLength: PASSWORD_LENGTH.min, maxLength: PASSWORD_LENGTH.max })
  @IsString()
  @Length(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  password!: string

  @ApiProperty({ maxLength: 200 })
  @Trimmed()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name!: string
}

export class NewOperatorBody {
  @ApiProperty({ example: 'olga@example.com' })
  @NormalizedEmail()
  @IsEmail()
  @MaxLength(254)
  email!: string

  @ApiProperty({ maxLength: 200 })
  @Trimmed()
  @IsString()
  @Length(1, 200)
  @SingleLine()
  name!: string

  @ApiProperty({ enum: STAFF_ROLES })
  @IsIn(STAFF_ROLES)
  role!: StaffRole

  @ApiPropertyOptional({ description: 'If omitted, the operator cannot sign in until a password is set.' })
  @Optional()
  @IsString()
  @Length(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  password?: string

  @ApiPropertyOptional({ default: true })
  @Optional()
  @IsBoolean()
  active?: boolean
}

export class OperatorChangesBody extends PartialType(NewOperatorBody, { skipNullProperties: false }) {}

export class VerifyEmailBody {
  @ApiProperty({ description: 'From the link in the mail' })
  @IsString()
  @Length(1, 200)
  token!: string
}

export class CustomersQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Part of the name or the e-mail address' })
  @Optional()
  @IsString()
  @Length(1, 254)
  q?: string
}

export class CustomerChangesBody {
  @ApiProperty({ description: 'False: the sessions end, and the customer can no longer sign in' })
  @IsBoolean()
  active!: boolean
}

export class UserDto {
  @ApiProperty()
  id!: string

  @ApiProperty()
  email!: string

  @ApiProperty()
  name!: string

  @ApiProperty({ enum: USER_ROLES })
  role!: UserRole
}

class AccountDto extends UserDto {
  @ApiProperty()
  active!: boolean

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date
}

export class OperatorDto extends AccountDto {
  @ApiProperty({ description: 'Whether logins need the code of an authenticator app' })
  totp!: boolean
}

export class CustomerDto extends AccountDto {
  @ApiProperty({ description: 'Whether the customer proved that the e-mail address is theirs' })
  emailVerified!: boolean
}

export class LoginDto {
  @ApiProperty()
  accessToken!: string

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: Date

  @ApiProperty()
  sessionId!: string

  @ApiProperty()
  user!: UserDto
}

export class SessionDto {
  @ApiProperty()
  id!: string

  @ApiProperty()
  ip!: string

  @ApiProperty({ type: String, nullable: true })
  userAgent!: string | null

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date

  @ApiProperty({ type: String, format: 'date-time' })
  lastSeenAt!: Date

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: Date

  @ApiProperty({ description: 'Whether this session made the request.' })
  current!: boolean
}

/** Copies only the listed fields, so that a password hash is never returned. */
export function toUser({ id, email, name, role }: UserDto): UserDto {
  return { id, email, name, role }
}

function toAccount({ id, email, name, role, active, createdAt }: AccountDto): AccountDto {
  return { id, email, name, role, active, createdAt }
}

export function toOperator(user: AccountDto & { secondFactor: { confirmedAt: Date | null } | null }): OperatorDto {
  return { ...toAccount(user), totp: Boolean(user.secondFactor?.confirmedAt) }
}

export function toCustomer(user: AccountDto & { emailVerifiedAt: Date | null }): CustomerDto {
  return { ...toAccount(user), emailVerified: user.emailVerifiedAt !== null }
}

/** `current`: id of the session that made the request. */
export function toSession(session: Omit<SessionDto, 'current'>, current: string): SessionDto {
  const { id, ip, userAgent, createdAt, lastSeenAt, expiresAt } = session
  return { id, ip, userAgent, createdAt, lastSeenAt, expiresAt, current: id === current }
}
