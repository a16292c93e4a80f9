import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsBoolean, IsEmail, IsIn, IsString, Length, MaxLength } from 'class-validator'
import { Optional } from '../infrastructure/http/optional.js'
import { PASSWORD_LENGTH } from './passwords.js'
import { normalizeEmail } from './unique-email.js'

const STAFF_ROLES = ['ADMIN', 'OPERATOR', 'VIEWER'] as const

function Lowered(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value))
}

function Trimmed(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
}

/** What is no address is no account: 401, as for any other wrong login. */
export class LoginBody {
  @ApiProperty({ example: 'jane@example.com' })
  @Lowered()
  @IsString()
  @Length(1, 254)
  email!: string

  @ApiProperty()
  @IsString()
  @Length(1, PASSWORD_LENGTH.max)
  password!: string
}

export class RegisterBody {
  @ApiProperty({ example: 'jane@example.com' })
  @Lowered()
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
  name!: string
}

export class NewOperatorBody {
  @ApiProperty({ example: 'olga@example.com' })
  @Lowered()
  @IsEmail()
  @MaxLength(254)
  email!: string

  @ApiProperty({ maxLength: 200 })
  @Trimmed()
  @IsString()
  @Length(1, 200)
  name!: string

  @ApiProperty({ enum: STAFF_ROLES })
  @IsIn(STAFF_ROLES)
  role!: (typeof STAFF_ROLES)[number]

  @ApiPropertyOptional({ description: 'Left out: the account cannot sign in until a password is set.' })
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
