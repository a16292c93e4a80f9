import { ApiProperty } from '@nestjs/swagger'
import { IsString, Length } from 'class-validator'
import { PASSWORD_LENGTH } from '../passwords.js'

export class TotpEnrolmentBody {
  @ApiProperty({ description: 'The present password of the account' })
  @IsString()
  @Length(1, PASSWORD_LENGTH.max)
  password!: string
}

export class TotpCodeBody {
  @ApiProperty({ example: '123456', description: 'The code that the app shows' })
  @IsString()
  @Length(1, 40)
  code!: string
}

export class TotpRemovalBody extends TotpEnrolmentBody {
  @ApiProperty({ example: '123456', description: 'The code that the app shows, or a recovery code' })
  @IsString()
  @Length(1, 40)
  code!: string
}

export class TotpDto {
  @ApiProperty()
  enabled!: boolean

  @ApiProperty()
  recoveryCodesLeft!: number
}

export class TotpEnrolmentDto {
  @ApiProperty({ description: 'In base32, to be typed into the app' })
  secret!: string

  @ApiProperty({ description: 'The content of the QR code' })
  uri!: string

  @ApiProperty({ description: 'The QR code: a PNG as a data URL' })
  qrCode!: string
}

export class RecoveryCodesDto {
  @ApiProperty({ type: [String], description: 'Each replaces one code of the app. They are shown only now' })
  recoveryCodes!: string[]
}
