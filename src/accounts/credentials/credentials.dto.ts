import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsString, Length } from 'class-validator'
import { Optional } from '../../infrastructure/http/requests/optional.js'
import { NormalizedEmail } from '../accounts.dto.js'
import { PASSWORD_LENGTH } from '../passwords.js'

/** Not validated as an e-mail address: a malformed one is as good as an unknown one. */
export class PasswordResetBody {
  @ApiProperty({ example: 'jane@example.com' })
  @NormalizedEmail()
  @IsString()
  @Length(1, 254)
  email!: string
}

export class NewPasswordBody {
  @ApiPropertyOptional({ description: 'From the link in the mail; either this or `currentPassword`' })
  @Optional()
  @IsString()
  @Length(1, 200)
  token?: string

  @ApiPropertyOptional({ description: 'With the access token of the account' })
  @Optional()
  @IsString()
  @Length(1, PASSWORD_LENGTH.max)
  currentPassword?: string

  @ApiProperty({ minLength: PASSWORD_LENGTH.min, maxLength: PASSWORD_LENGTH.max })
  @IsString()
  @Length(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  newPassword!: string
}
