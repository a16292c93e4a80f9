import { Global, Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { AccessGuard } from './access.guard.js'
import { AuditModule } from './audit.module.js'
import { AuthController } from './login/auth.controller.js'
import { AuthService } from './login/auth.service.js'
import { PasswordChange } from './credentials/password-change.js'
import { PasswordController } from './credentials/password.controller.js'
import { PasswordReset } from './credentials/password-reset.js'
import { CustomerRateLimit } from './customer-rate-limit.js'
import { CustomersController } from './customers/customers.controller.js'
import { CustomersService } from './customers/customers.service.js'
import { FirstAdminService } from './operators/first-admin.service.js'
import { LoginThrottle } from './login/login-throttle.js'
import { OperatorsController } from './operators/operators.controller.js'
import { OperatorsService } from './operators/operators.service.js'
import { FactorCodes } from './second-factor/factor-codes.js'
import { SecondFactorController } from './second-factor/second-factor.controller.js'
import { SecondFactors } from './second-factor/second-factors.js'
import { SessionCookie } from './login/session-cookie.js'
import { SessionsService } from './login/sessions.service.js'
import { MailedTokens } from './mailed-tokens.js'
import { StaffRecognition } from './staff-recognition.js'
import { Tokens } from './login/tokens.js'
import { EmailVerification } from './verification/email-verification.js'
import { VerificationController } from './verification/verification.controller.js'

/** Users, sessions and roles. Guards every route of the application that imports it. */
@Global()
@Module({
  imports: [AuditModule],
  controllers: [
    AuthController,
    CustomersController,
    OperatorsController,
    PasswordController,
    SecondFactorController,
    VerificationController,
  ],
  providers: [
    AuthService,
    CustomerRateLimit,
    CustomersService,
    EmailVerification,
    FactorCodes,
    FirstAdminService,
    LoginThrottle,
    MailedTokens,
    OperatorsService,
    PasswordChange,
    PasswordReset,
    SecondFactors,
    SessionCookie,
    SessionsService,
    StaffRecognition,
    Tokens,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [FirstAdminService, OperatorsService, SecondFactors, SessionCookie, SessionsService],
})
export class AccountsModule {}
