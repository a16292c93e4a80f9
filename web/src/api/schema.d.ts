// Made from /docs-json by `npm run api:types`. Do not edit.
export interface paths {
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["AuthController_register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["AuthController_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["AuthController_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["AuthController_listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["AuthController_deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["CustomersController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["CustomersController_change"];
        trace?: never;
    };
    "/api/v1/operators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["OperatorsController_list"];
        put?: never;
        post: operations["OperatorsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operators/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["OperatorsController_change"];
        trace?: never;
    };
    "/api/v1/auth/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a link for a new password, valid for 30 minutes; the response is the same for unknown addresses */
        post: operations["PasswordController_requestReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets the password with the token of the link, or one's own with the present one; other sessions end */
        post: operations["PasswordController_setPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["SecondFactorController_status"];
        put?: never;
        /** Starts the enrolment of an authenticator app; it has no effect before it is confirmed */
        post: operations["SecondFactorController_begin"];
        /** Removes one's own authenticator app */
        delete: operations["SecondFactorController_removeOwn"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts the app into use: logins need its code from now on; other sessions end */
        post: operations["SecondFactorController_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operators/{id}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes the authenticator app of an operator who has lost it */
        delete: operations["SecondFactorController_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirms the e-mail address of an account, with the token of the link sent to it */
        post: operations["VerificationController_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends the link again, at most every five minutes; nothing for a confirmed address */
        post: operations["VerificationController_repeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns everything that is stored about a person */
        get: operations["PeopleController_export"];
        put?: never;
        post?: never;
        /** Erases the personal data of a person, and returns a receipt */
        delete: operations["PeopleController_erase"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, newest first; an alert is resolved when its problem is over */
        get: operations["AlertsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["AlertsController_acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/eventbrite/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Eventbrite webhook; the last path segment is the secret */
        post: operations["WebhooksController_eventbrite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/luma": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Luma webhook, signed (Webhook-Signature) */
        post: operations["WebhooksController_luma"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/luma/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Luma webhook of an added connection, which the last path segment names; signed as well */
        post: operations["WebhooksController_lumaOfConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/meetup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hints from bridges, signed by Standard Webhooks; Meetup itself sends no webhooks */
        post: operations["WebhooksController_meetup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Webhook deliveries that failed or match no channel, newest first */
        get: operations["DeliveriesController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/deliveries/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replay a stored delivery through the same path */
        post: operations["DeliveriesController_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts on platforms; those of the environment first */
        get: operations["ConnectionsController_list"];
        put?: never;
        /** Adds an account; its credentials are tried on the platform first */
        post: operations["ConnectionsController_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes an account and erases its credentials */
        delete: operations["ConnectionsController_remove"];
        options?: never;
        head?: never;
        /** Renames an account, or replaces its credentials */
        patch: operations["ConnectionsController_change"];
        trace?: never;
    };
    "/api/v1/connections/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks whether the platform accepts the credentials */
        post: operations["ConnectionsController_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/listings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the account has ahead of it on its platform, the next first */
        get: operations["ConnectionsController_upcoming"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/mode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** System mode and channel counts by state */
        get: operations["FailSafeController_status"];
        put?: never;
        /** Force or release fail-safe mode */
        post: operations["FailSafeController_change"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders, and rows of orders, that could not be read or stored */
        get: operations["QuarantineController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch the order from its platform and store it; 409 for a row without an order id */
        post: operations["QuarantineController_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reconciliation/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ReconciliationController_list"];
        put?: never;
        /** Compare ledger and platforms now; 409 while a run is in progress */
        post: operations["ReconciliationController_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reconciliation/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ReconciliationController_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Drift that reconciliation found for an event, newest first */
        get: operations["ReconciliationController_drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists all seats in chart order on one page; empty for an event without a seat chart. The response has an ETag, for If-None-Match */
        get: operations["SeatsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_list"];
        put?: never;
        post: operations["EventsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["EventsController_change"];
        trace?: never;
    };
    "/api/v1/events/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets all platforms to waitlist only */
        post: operations["EventsController_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["EventsController_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts the event back on sale after a red alarm */
        post: operations["EventsController_reopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the event off sale permanently */
        post: operations["EventsController_close"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_stockOf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/movements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_movements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["EventsController_tickets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/orders.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports all orders as CSV, oldest first */
        get: operations["SalesCsvController_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/tickets.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports all tickets as CSV, oldest first */
        get: operations["SalesCsvController_tickets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports the proof: one JSON object per line, each with the hash of the line before (`npm run verify -- FILE`) */
        get: operations["ProofController_lines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/rebalance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Moves unsold units from slow channels to fast ones now */
        post: operations["RebalanceController_rebalance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/freeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Freezes the caps of the event: no rebalancing */
        post: operations["ChannelCommandsController_freeze"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/unfreeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ChannelCommandsController_unfreeze"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sync state of the channels: versions, unconfirmed writes, errors */
        get: operations["EventReadsController_channels"];
        put?: never;
        /** Adds a listing to an event on sale; it is imported as those of a new event are */
        post: operations["ChannelCommandsController_attach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/channels/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Closes a listing; once the platform confirms it, its channel is detached */
        delete: operations["ChannelCommandsController_detach"];
        options?: never;
        head?: never;
        /** Changes the weight, name or listing of a channel, named by id or platform, or the limit for its cap */
        patch: operations["ChannelCommandsController_change"];
        trace?: never;
    };
    "/api/v1/events/{id}/channels/{channel}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirms what is in force on a listing without an API, as its task requests or otherwise */
        post: operations["ChannelCommandsController_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/channels/{channel}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enqueues a read of the platform's changes and a sync of its cap and mode */
        post: operations["ChannelCommandsController_sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/channels/{channel}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sets a channel, named by id or platform, to waitlist only until it is resumed */
        post: operations["ChannelCommandsController_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/channels/{channel}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ChannelCommandsController_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/contents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the event and its listings show, side by side */
        get: operations["ContentsController_contents"];
        put?: never;
        /** Requests new titles and times of all listings; GET shows the result of each */
        post: operations["ContentsController_write"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/cancel-listings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Requests the cancellation of all listings of a closed event */
        post: operations["ContentsController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tickets that the caller has bought directly, or that others gave to them, newest first */
        get: operations["TicketsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets/by-code/qr.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns the QR code for a ticket code, for the page that the ticket e-mail links to */
        get: operations["TicketsController_svgByCode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets/by-code/qr.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["TicketsController_pngByCode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets/{id}/qr.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns the QR code of a direct ticket; for its buyer and staff */
        get: operations["TicketsController_svg"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets/{id}/qr.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["TicketsController_png"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Active holds, newest first */
        get: operations["EventReadsController_holds"];
        put?: never;
        post: operations["HoldsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["HoldsController_get"];
        put?: never;
        post?: never;
        delete: operations["HoldsController_release"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["CheckoutController_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a direct order: its tickets become invalid, the stock is back, the payment is refunded */
        post: operations["OrderCancellationController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payment-form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How payments are taken, and the key for the provider's library */
        get: operations["PaymentFormController_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["PaymentsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["PaymentsController_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retries the payment now, or abandons it */
        post: operations["PaymentsController_settle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stripe webhook, signed (Stripe-Signature) */
        post: operations["StripeWebhookController_stripe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/waitlist": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the waitlist in queue order */
        get: operations["WaitlistController_list"];
        put?: never;
        /** Joins the waitlist; available in fail-safe mode. Joining twice creates two entries but one offer. The address is mailed a link to confirm it */
        post: operations["WaitlistController_join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waitlist/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["WaitlistController_get"];
        put?: never;
        post?: never;
        delete: operations["WaitlistController_leave"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waitlist/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirms the e-mail address of an entry. Before that it gets no automatic offer */
        post: operations["WaitlistController_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/waitlist/{entryId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes an entry; its offer ends */
        delete: operations["WaitlistController_remove"];
        options?: never;
        head?: never;
        /** Moves an entry to another position */
        patch: operations["WaitlistController_move"];
        trace?: never;
    };
    "/api/v1/waitlist/{id}/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Holds tickets for the entry and sends the claim link by e-mail */
        post: operations["WaitlistController_offer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waitlist/{id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["WaitlistController_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/safety-stock/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sells from the safety stock; counts as sold on DIRECT */
        post: operations["SafetyStockController_sell"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/safety-stock/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Requests the release of safety stock to a platform; an admin decides */
        post: operations["SafetyStockController_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/safety-stock/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["SafetyStockController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/safety-stock/releases/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["SafetyStockController_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/safety-stock/releases/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["SafetyStockController_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/door": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many are in, over all channels; at most a second old */
        get: operations["AttendanceController_door"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/attendance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sold and attended by channel, and what came of the tickets of earlier events there */
        get: operations["AttendanceController_showRates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/attendees": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who has a valid ticket, over all channels, by name */
        get: operations["AttendeesController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/attendees.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same list as CSV, for building security; e-mail addresses for OPERATOR and above */
        get: operations["AttendeesController_csv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People who seem to hold seats on more than one channel */
        get: operations["AttendeesController_listDuplicates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/calendar.ics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The event as a calendar file, for everybody who is signed in */
        get: operations["CalendarController_calendar"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/check-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks in a ticket, or those that a phone scanned while it was offline */
        post: operations["CheckInsController_record"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/check-ins/{ticketId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a check-in back, also one on the platform: the ticket is not checked in any more */
        delete: operations["CheckInsController_takeBack"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{id}/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Declines a guest of a platform with all tickets of the order, where its API can: what was paid is refunded */
        post: operations["DeclinesController_decline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/door/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The attendees for a phone that works offline: all of them, or what changed since */
        get: operations["DeviceListController_read"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/walk-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Records people who came without a ticket: a number only, or with tickets from the safety stock */
        post: operations["WalkInsController_record"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/walk-ins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a counted walk-in back */
        delete: operations["WalkInsController_takeBack"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/mails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mails that were not sent, newest first */
        get: operations["MailsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/mails/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compose a failed mail again, from what it is about, and send it */
        post: operations["MailsController_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{id}/tickets/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends the tickets of a direct order again; for its buyer and OPERATOR, 3 times an hour */
        post: operations["TicketCommandsController_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tickets/{id}/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a direct ticket to another person, who gets a new code; the old one is no longer valid
         * @description For who has the ticket, and OPERATOR with a reason. The same request again changes nothing.
         */
        post: operations["TicketCommandsController_transfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where notifications are sent, newest first */
        get: operations["NotificationsController_list"];
        put?: never;
        /** Adds a target; the response has the secret that signs the webhooks of one */
        post: operations["NotificationsController_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a target, with what was not sent to it */
        delete: operations["NotificationsController_remove"];
        options?: never;
        head?: never;
        /** Changes a target; a webhook keeps its secret */
        patch: operations["NotificationsController_change"];
        trace?: never;
    };
    "/api/v1/notifications/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a test message now; `state` and `lastError` of the target show the outcome */
        post: operations["NotificationsController_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/background": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Background work of the process that responds */
        get: operations["BackgroundController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/sales-curve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tickets sold over time, by channel */
        get: operations["EventReadsController_salesCurve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/rebalances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Moves between channels, newest first */
        get: operations["EventReadsController_rebalances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/ledger.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All stock movements, oldest first */
        get: operations["EventReadsController_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/transitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of the system mode, newest first */
        get: operations["ModeHistoryController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/platforms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Circuit breaker and rate limit budget per platform */
        get: operations["PlatformsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events, by bearer or session cookie
         * @description `stock`: the changed stock of an event; `order`: the current state of a changed order, with `eventId`; `alert`: an alert that was raised, acknowledged or resolved; `mode`: the system mode; `rebalance`: a move between channels. Events are not replayed on reconnect: read the state then.
         */
        get: operations["StreamController_open"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/demo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the platforms are simulated */
        get: operations["DemoController_get"];
        put?: never;
        post?: never;
        /** Close the events of the demo permanently, and do not start it again. Touches no other event */
        delete: operations["DemoController_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["HealthController_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["HealthController_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        RegisterBody: {
            /** @example jane@example.com */
            email: string;
            password: string;
            name: string;
        };
        UserDto: {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            role: "ADMIN" | "OPERATOR" | "VIEWER" | "DOOR" | "CUSTOMER";
        };
        LoginBody: {
            /** @example jane@example.com */
            email: string;
            password: string;
            /** @description For staff with an authenticator app: its code, or a recovery code. Without it: 401 `TOTP_REQUIRED` */
            code?: string;
        };
        LoginDto: {
            accessToken: string;
            /** Format: date-time */
            expiresAt: string;
            sessionId: string;
            user: components["schemas"]["UserDto"];
        };
        SessionDto: {
            id: string;
            ip: string;
            userAgent: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** @description Whether this session made the request. */
            current: boolean;
        };
        SessionDtoPage: {
            items: components["schemas"]["SessionDto"][];
            nextCursor: string | null;
        };
        CustomerDto: {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            role: "ADMIN" | "OPERATOR" | "VIEWER" | "DOOR" | "CUSTOMER";
            active: boolean;
            /** Format: date-time */
            createdAt: string;
            /** @description Whether the customer proved that the e-mail address is theirs */
            emailVerified: boolean;
        };
        CustomerDtoPage: {
            items: components["schemas"]["CustomerDto"][];
            nextCursor: string | null;
        };
        CustomerChangesBody: {
            /** @description False: the sessions end, and the customer can no longer sign in */
            active: boolean;
        };
        OperatorDto: {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            role: "ADMIN" | "OPERATOR" | "VIEWER" | "DOOR" | "CUSTOMER";
            active: boolean;
            /** Format: date-time */
            createdAt: string;
            /** @description Whether logins need the code of an authenticator app */
            totp: boolean;
        };
        OperatorDtoPage: {
            items: components["schemas"]["OperatorDto"][];
            nextCursor: string | null;
        };
        NewOperatorBody: {
            /** @example olga@example.com */
            email: string;
            name: string;
            /** @enum {string} */
            role: "ADMIN" | "OPERATOR" | "VIEWER" | "DOOR";
            /** @description If omitted, the operator cannot sign in until a password is set. */
            password?: string;
            /** @default true */
            active?: boolean;
        };
        OperatorChangesBody: {
            /** @example olga@example.com */
            email?: string;
            name?: string;
            /** @enum {string} */
            role?: "ADMIN" | "OPERATOR" | "VIEWER" | "DOOR";
            /** @description If omitted, the operator cannot sign in until a password is set. */
            password?: string;
            /** @default true */
            active?: boolean;
        };
        PasswordResetBody: {
            /** @example jane@example.com */
            email: string;
        };
        NewPasswordBody: {
            /** @description From the link in the mail; either this or `currentPassword` */
            token?: string;
            /** @description With the access token of the account */
            currentPassword?: string;
            newPassword: string;
        };
        TotpDto: {
            enabled: boolean;
            recoveryCodesLeft: number;
        };
        TotpEnrolmentBody: {
            /** @description The present password of the account */
            password: string;
        };
        TotpEnrolmentDto: {
            /** @description In base32, to be typed into the app */
            secret: string;
            /** @description The content of the QR code */
            uri: string;
            /** @description The QR code: a PNG as a data URL */
            qrCode: string;
        };
        TotpCodeBody: {
            /**
             * @description The code that the app shows
             * @example 123456
             */
            code: string;
        };
        RecoveryCodesDto: {
            /** @description Each replaces one code of the app. They are shown only now */
            recoveryCodes: string[];
        };
        TotpRemovalBody: {
            /** @description The present password of the account */
            password: string;
            /**
             * @description The code that the app shows, or a recovery code
             * @example 123456
             */
            code: string;
        };
        VerifyEmailBody: {
            /** @description From the link in the mail */
            token: string;
        };
        PersonAccountDto: {
            id: string;
            name: string;
            role: string;
            active: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        PersonSessionDto: {
            ip: string;
            userAgent: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSeenAt: string;
        };
        PersonTicketDto: {
            id: string;
            seat: string | null;
            state: string;
        };
        PersonOrderDto: {
            id: string;
            eventId: string;
            platform: string;
            externalOrderId: string | null;
            state: string;
            name: string | null;
            /** Format: date-time */
            placedAt: string | null;
            tickets: components["schemas"]["PersonTicketDto"][];
        };
        PersonAttendanceDto: {
            ticketId: string;
            eventId: string;
            platform: string;
            state: string;
            name: string | null;
            ticketType: string | null;
            code: string | null;
            /**
             * Format: date-time
             * @description Here
             */
            checkedInAt: string | null;
            /** Format: date-time */
            checkedInOnPlatformAt: string | null;
        };
        PersonPaymentDto: {
            id: string;
            eventId: string;
            state: string;
            amount: number;
            currency: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
        };
        PersonEntryDto: {
            id: string;
            eventId: string;
            state: string;
            name: string;
            quantity: number;
            /** Format: date-time */
            createdAt: string;
        };
        PersonDto: {
            email: string;
            account: components["schemas"]["PersonAccountDto"] | null;
            sessions: components["schemas"]["PersonSessionDto"][];
            orders: components["schemas"]["PersonOrderDto"][];
            attendances: components["schemas"]["PersonAttendanceDto"][];
            payments: components["schemas"]["PersonPaymentDto"][];
            waitlistEntries: components["schemas"]["PersonEntryDto"][];
        };
        ErasedDto: {
            orders: number;
            /** @description Tickets of which the person is the holder */
            tickets: number;
            payments: number;
            waitlistEntries: number;
            accounts: number;
            sessions: number;
            mails: number;
            deliveries: number;
        };
        ErasureReceiptDto: {
            /** @description Also in the audit log, which does not contain the address */
            id: string;
            /** Format: date-time */
            erasedAt: string;
            /** @description Rows by kind; orders, tickets and payments keep their numbers */
            erased: components["schemas"]["ErasedDto"];
            /** @description Platforms that sold to this person: they keep data of their own */
            platforms: string[];
        };
        AlertDto: {
            id: string;
            /** @enum {string} */
            kind: "RED_ALARM" | "OVERSOLD" | "DRIFT" | "FAIL_SAFE" | "PLATFORM_UNREACHABLE" | "SYNC_STALE" | "DEAD_LETTER" | "NOT_CLOSED";
            eventId: string | null;
            platform: string | null;
            detail: string;
            createdAt: string;
            /** @description When the problem was last observed, accurate to about 10 seconds */
            lastSeenAt: string;
            /** @description Null while the problem persists */
            resolvedAt: string | null;
            acknowledgedAt: string | null;
            acknowledgedBy: string | null;
        };
        AlertDtoPage: {
            items: components["schemas"]["AlertDto"][];
            nextCursor: string | null;
        };
        AcceptedDto: {
            /** @enum {boolean} */
            accepted: true;
        };
        DeliveryDto: {
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @enum {string} */
            state: "UNMATCHED" | "FAILED" | "REPLAYED";
            reason: string;
            receivedAt: string;
            replayedAt: string | null;
            attempts: number;
            /** @description The body as text, with personal data masked */
            body: string | null;
        };
        DeliveryDtoPage: {
            items: components["schemas"]["DeliveryDto"][];
            nextCursor: string | null;
        };
        AccountDto: {
            id: string;
            name: string | null;
        };
        ConnectionDto: {
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            label: string;
            /** @description Its credentials are variables; it cannot be changed here */
            fromEnvironment: boolean;
            /** @enum {string} */
            state: "READY" | "REFUSED" | "UNREACHABLE" | "UNCHECKED";
            checkedAt: string | null;
            /** @description Why it is not READY, or what the account may not do */
            detail: string | null;
            /** @description Null: not known yet */
            account: components["schemas"]["AccountDto"] | null;
            /**
             * @description How sales are noticed; MISSING: by sweeps only
             * @enum {string}
             */
            webhook: "REGISTERED" | "POLLED" | "MISSING";
            /** @description Channels of live events that use it */
            channels: number;
        };
        ConnectionsDto: {
            items: components["schemas"]["ConnectionDto"][];
        };
        NewConnectionBody: {
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description What staff call the account */
            label: string;
            /** @description EVENTBRITE `{token}`, LUMA `{apiKey, webhookSecret?}`, MEETUP `{accessToken}` or `{clientKey, memberId, signingKeyId, privateKey}`, MANUAL `{}`. Never returned */
            credentials: {
                [key: string]: string;
            };
        };
        PatchConnectionBody: {
            /** @description What staff call the account */
            label?: string;
            /** @description EVENTBRITE `{token}`, LUMA `{apiKey, webhookSecret?}`, MEETUP `{accessToken}` or `{clientKey, memberId, signingKeyId, privateKey}`, MANUAL `{}`. Never returned */
            credentials?: {
                [key: string]: string;
            };
        };
        ListedTicketTypeDto: {
            externalTicketClassId: string;
            name: string;
            capacity: number | null;
            sold: number | null;
            priceCents: number | null;
            currency: string | null;
            /** @description Buyers do not see it */
            hidden: boolean;
        };
        ListingDto: {
            externalEventId: string;
            name: string;
            startsAt: string | null;
            timezone: string | null;
            url: string | null;
            capacity: number | null;
            sold: number | null;
            /** @description Our event that drives it already */
            eventId: string | null;
            ticketTypes: components["schemas"]["ListedTicketTypeDto"][];
        };
        ListingsDto: {
            items: components["schemas"]["ListingDto"][];
            nextCursor: string | null;
        };
        ChannelCountDto: {
            open: number;
            waitlistOnly: number;
            /** @description Channels whose desired state is not confirmed */
            pending: number;
        };
        ModeDto: {
            /** @enum {string} */
            mode: "NORMAL" | "FAIL_SAFE";
            forced: boolean;
            reason: string | null;
            since: string;
            channels: components["schemas"]["ChannelCountDto"];
        };
        ModeBody: {
            /**
             * @description `FAIL_SAFE` forces the mode; `NORMAL` releases it, and the recovery ends it
             * @enum {string}
             */
            mode: "NORMAL" | "FAIL_SAFE";
            reason: string;
        };
        QuarantinedRecordDto: {
            id: string;
            eventId: string;
            channelId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description Null if the row has no order id */
            externalOrderId: string | null;
            reason: string;
            excerpt: string | null;
            firstSeenAt: string;
            lastSeenAt: string;
            attempts: number;
            resolvedAt: string | null;
        };
        QuarantinedRecordDtoPage: {
            items: components["schemas"]["QuarantinedRecordDto"][];
            nextCursor: string | null;
        };
        RunDto: {
            id: string;
            /** @enum {string} */
            state: "RUNNING" | "SUCCEEDED" | "FAILED";
            /** @enum {string} */
            trigger: "NIGHTLY" | "OPERATOR" | "CLI";
            dryRun: boolean;
            eventId: string | null;
            requestedBy: string | null;
            eventsTotal: number | null;
            eventsDone: number;
            itemCount: number;
            /** @description Why the run failed */
            reason: string | null;
            startedAt: string;
            finishedAt: string | null;
        };
        RunDtoPage: {
            items: components["schemas"]["RunDto"][];
            nextCursor: string | null;
        };
        StartRunBody: {
            /** @description If omitted, every event that is not closed or was closed recently */
            eventId?: string;
            /**
             * @description Report drift without correcting it
             * @default false
             */
            dryRun?: boolean;
        };
        StartedRunDto: {
            id: string;
        };
        DriftItemDto: {
            id: string;
            runId: string;
            eventId: string;
            /**
             * @description Null for the stock gate
             * @enum {string|null}
             */
            channel: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | null;
            /** @enum {string} */
            kind: "MISSING_SALE" | "MISSING_CANCELLATION" | "UNKNOWN_TICKET_CLASS" | "CAP_DRIFT" | "MODE_DRIFT" | "GATE_DRIFT" | "UNREADABLE";
            externalOrderId?: string;
            /** @description Tickets, a cap or a mode; for the stock gate the accounts that differ */
            ledger: Record<string, never> | null;
            /** @description Tickets, a cap or a mode; for the stock gate the accounts that differ */
            platform: Record<string, never> | null;
            corrected: boolean;
            detail: string;
            createdAt: string;
        };
        RunWithItemsDto: {
            id: string;
            /** @enum {string} */
            state: "RUNNING" | "SUCCEEDED" | "FAILED";
            /** @enum {string} */
            trigger: "NIGHTLY" | "OPERATOR" | "CLI";
            dryRun: boolean;
            eventId: string | null;
            requestedBy: string | null;
            eventsTotal: number | null;
            eventsDone: number;
            itemCount: number;
            /** @description Why the run failed */
            reason: string | null;
            startedAt: string;
            finishedAt: string | null;
            /** @description The first 1,000; `itemCount` is the total */
            items: components["schemas"]["DriftItemDto"][];
        };
        DriftItemDtoPage: {
            items: components["schemas"]["DriftItemDto"][];
            nextCursor: string | null;
        };
        SeatDto: {
            /**
             * @description `section-row-number`
             * @example Stalls-A-7
             */
            seat: string;
            /** @enum {string} */
            state: "AVAILABLE" | "HELD" | "SOLD";
        };
        SeatDtoPage: {
            items: components["schemas"]["SeatDto"][];
            nextCursor: string | null;
        };
        ChannelBody: {
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description The account that drives it; may be left out where the platform has one */
            connectionId?: string;
            /** @description The listing: the platform's event id */
            externalEventId: string;
            /** @description Only this ticket class or type; without it the whole event */
            externalTicketClassId?: string;
            /** @default 1 */
            weight?: number;
            /** @description Limit for the cap of this channel; absent: none */
            maxUnits?: number;
            /** @description What staff call the channel */
            label?: string;
        };
        SeatRowBody: {
            /** @example A */
            row: string;
            /** @description Its seats are numbered from 1 */
            count: number;
        };
        SeatSectionBody: {
            /** @example Stalls */
            section: string;
            rows: components["schemas"]["SeatRowBody"][];
        };
        CreateEventBody: {
            name: string;
            /** Format: date-time */
            startsAt: string;
            /**
             * Format: date-time
             * @description Defaults to 6 hours after the start
             */
            endsAt?: string;
            /**
             * Format: date-time
             * @description Until when customers may buy; defaults to the start
             */
            salesEndAt?: string;
            capacity: number;
            venue?: string;
            /**
             * @description IANA time zone
             * @default UTC
             */
            timezone?: string;
            /** @description Above 0, at most 1 */
            softCapRatio?: number;
            safetyStockRatio?: number;
            /** @description 0 or absent: free */
            priceCents?: number;
            /** @example EUR */
            currency?: string;
            channels?: components["schemas"]["ChannelBody"][];
            /** @description Defaults to 0 with channels and to 1 without */
            directWeight?: number;
            /** @description Tickets that one customer can hold and have bought; null: no limit. Defaults to 10 */
            maxHeldPerCustomer?: number | null;
            /**
             * @description Who offers free tickets
             * @default MANUAL
             * @enum {string}
             */
            waitlistPolicy?: "MANUAL" | "AUTOMATIC";
            /** @description The seat chart in order, at most 50,000 seats and no more than the capacity. With a chart, direct tickets are held by seat; tickets sold on platforms, and safety stock sold by quantity, have no seat */
            seats?: components["schemas"]["SeatSectionBody"][];
        };
        ListingTaskDto: {
            /** @description The cap to set on the listing, and then to confirm */
            cap: number;
            /** @description When it was requested */
            since: string;
            /** @description It was requested more than 10 minutes ago */
            overdue: boolean;
        };
        EventChannelDto: {
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description The account that drives it */
            connectionId: string;
            externalEventId: string;
            externalTicketClassId: string | null;
            weight: number;
            /** @description Limit for its cap; null: none */
            maxUnits: number | null;
            /** @description What staff call it */
            label: string | null;
            /**
             * @description DETACHING: it is being closed. DETACHED: no longer read or written
             * @enum {string}
             */
            state: "ATTACHED" | "DETACHING" | "DETACHED";
            /** @description Why the channel cannot be synced at the moment */
            syncError: string | null;
            /** @description What a person has to set on a listing without an API, and to confirm; null: nothing */
            task: components["schemas"]["ListingTaskDto"] | null;
        };
        EventDto: {
            id: string;
            name: string;
            venue: string | null;
            timezone: string;
            startsAt: string;
            endsAt: string;
            /** @description Until when customers may buy directly */
            salesEndAt: string;
            /** @enum {string} */
            state: "ON_SALE" | "RED_ALARM" | "PAUSED" | "CLOSED" | "ENDED";
            /** @description True: no rebalancing */
            frozen: boolean;
            /** @description Tickets that may be sold in total, as of now */
            capacity: number;
            /** @description The capacity as soon as the confirmed caps of the platforms allow it */
            targetCapacity: number;
            softCapRatio: number;
            safetyStockRatio: number;
            /** @description Units taken out of the safety stock that stay off sale until a release is approved */
            withheldUnits: number;
            directWeight: number;
            priceCents: number | null;
            currency: string | null;
            /** @description Tickets that one customer can hold and have bought */
            maxHeldPerCustomer: number | null;
            /**
             * @description Who offers free tickets to the waitlist
             * @enum {string}
             */
            waitlistPolicy: "MANUAL" | "AUTOMATIC";
            /** @description On the simulated platforms of the demo; not listed once it is closed */
            demo: boolean;
            /** @description Seats of the chart; 0: direct tickets have no seat */
            seatCount: number;
            channels: components["schemas"]["EventChannelDto"][];
            createdAt: string;
        };
        EventDtoPage: {
            items: components["schemas"]["EventDto"][];
            nextCursor: string | null;
        };
        EventDetailsDto: {
            id: string;
            name: string;
            venue: string | null;
            timezone: string;
            startsAt: string;
            endsAt: string;
            /** @description Until when customers may buy directly */
            salesEndAt: string;
            /** @enum {string} */
            state: "ON_SALE" | "RED_ALARM" | "PAUSED" | "CLOSED" | "ENDED";
            /** @description True: no rebalancing */
            frozen: boolean;
            /** @description Tickets that may be sold in total, as of now */
            capacity: number;
            /** @description The capacity as soon as the confirmed caps of the platforms allow it */
            targetCapacity: number;
            softCapRatio: number;
            safetyStockRatio: number;
            /** @description Units taken out of the safety stock that stay off sale until a release is approved */
            withheldUnits: number;
            directWeight: number;
            priceCents: number | null;
            currency: string | null;
            /** @description Tickets that one customer can hold and have bought */
            maxHeldPerCustomer: number | null;
            /**
             * @description Who offers free tickets to the waitlist
             * @enum {string}
             */
            waitlistPolicy: "MANUAL" | "AUTOMATIC";
            /** @description On the simulated platforms of the demo; not listed once it is closed */
            demo: boolean;
            /** @description Seats of the chart; 0: direct tickets have no seat */
            seatCount: number;
            channels: components["schemas"]["EventChannelDto"][];
            createdAt: string;
            /** @description Hash of the last line of the proof; null: it has no line yet */
            lastHash: string | null;
            /** @description When the last line of the proof was recorded; null: there is none, or its content does not have its hash */
            verifiedUpTo: string | null;
        };
        PatchEventBody: {
            name?: string;
            venue?: string;
            /** Format: date-time */
            startsAt?: string;
            /** Format: date-time */
            endsAt?: string;
            /** Format: date-time */
            salesEndAt?: string;
            capacity?: number;
            softCapRatio?: number;
            /** @description Lowering it frees safety stock: ADMIN, with a reason */
            safetyStockRatio?: number;
            /** @description Per ticket, for later holds; 0: free */
            priceCents?: number;
            /** @description The units are split by weight again */
            directWeight?: number;
            /** @description Tickets that one customer can hold and have bought; null: no limit. Applies to later holds */
            maxHeldPerCustomer?: number | null;
            /** @description Required to lower `safetyStockRatio` */
            reason?: string;
            /** @enum {string} */
            waitlistPolicy?: "MANUAL" | "AUTOMATIC";
        };
        SafetyStockDto: {
            total: number;
            remaining: number;
            /** @description Unallocated units freed from it: platforms get them by a release only */
            freed: number;
        };
        SoftCapDto: {
            ratio: number;
            threshold: number;
            redAlarm: boolean;
        };
        StockChannelDto: {
            /** @description Of the channel; DIRECT: direct sales */
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description The account that drives it */
            connectionId?: string;
            externalEventId?: string;
            /** @description Null: the whole listing */
            externalTicketClassId?: string | null;
            /** @description What staff call it */
            label?: string | null;
            /** @enum {string} */
            state?: "ATTACHED" | "DETACHING" | "DETACHED";
            /** @description Units this channel may still sell */
            allocation: number;
            desiredCap?: number | null;
            confirmedCap?: number | null;
            /** @description Null: unbounded */
            exposure?: number | null;
            sold: number;
            held?: number;
            /** @enum {string} */
            mode: "OPEN" | "WAITLIST_ONLY" | "UNKNOWN";
            velocityPerHour?: number | null;
            lastWebhookAt?: string | null;
            lastConfirmedAt?: string | null;
        };
        StockDto: {
            eventId: string;
            capacity: number;
            sold: number;
            held: number;
            /** @description capacity − sold − held */
            available: number;
            unallocated: number;
            inTransit: number;
            /** @enum {string} */
            state: "ON_SALE" | "RED_ALARM" | "PAUSED" | "CLOSED" | "ENDED";
            safetyStock: components["schemas"]["SafetyStockDto"];
            softCap: components["schemas"]["SoftCapDto"];
            channels: components["schemas"]["StockChannelDto"][];
            oversold: number;
            epoch: number;
            asOf: string;
        };
        MovementDto: {
            id: string;
            /** @enum {string} */
            from: "CAPACITY" | "UNALLOCATED" | "IN_TRANSIT" | "SAFETY" | "HELD" | "OVERSOLD" | "ALLOCATED:MEETUP" | "SOLD:MEETUP" | "ALLOCATED:EVENTBRITE" | "SOLD:EVENTBRITE" | "ALLOCATED:LUMA" | "SOLD:LUMA" | "ALLOCATED:MANUAL" | "SOLD:MANUAL" | "ALLOCATED:DIRECT" | "SOLD:DIRECT";
            /** @enum {string} */
            to: "CAPACITY" | "UNALLOCATED" | "IN_TRANSIT" | "SAFETY" | "HELD" | "OVERSOLD" | "ALLOCATED:MEETUP" | "SOLD:MEETUP" | "ALLOCATED:EVENTBRITE" | "SOLD:EVENTBRITE" | "ALLOCATED:LUMA" | "SOLD:LUMA" | "ALLOCATED:MANUAL" | "SOLD:MANUAL" | "ALLOCATED:DIRECT" | "SOLD:DIRECT";
            /** @description Whose account `from` is; DIRECT: direct sales */
            fromChannelId: string | null;
            /** @description Whose account `to` is; DIRECT: direct sales */
            toChannelId: string | null;
            quantity: number;
            reason: string;
            operationId: string;
            epoch: number;
            seq: number;
            actor: string | null;
            recordedAt: string;
        };
        MovementDtoPage: {
            items: components["schemas"]["MovementDto"][];
            nextCursor: string | null;
        };
        BuyerDto: {
            name: string | null;
            email: string | null;
        };
        OrderDto: {
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description Null: a direct order */
            channelId: string | null;
            externalOrderId: string | null;
            /** @enum {string} */
            state: "PLACED" | "CANCELLED";
            /** @description Live tickets */
            quantity: number;
            buyer: components["schemas"]["BuyerDto"] | null;
            placedAt: string | null;
            seenAt: string;
        };
        OrderDtoPage: {
            items: components["schemas"]["OrderDto"][];
            nextCursor: string | null;
        };
        TicketDto: {
            id: string;
            orderId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            externalTicketId: string | null;
            ticketClassId: string | null;
            seat: string | null;
            /** @enum {string} */
            state: "VALID" | "CANCELLED";
            code: string | null;
            createdAt: string;
            cancelledAt: string | null;
            /** @description Who comes with it; null: unknown */
            holderName: string | null;
            /** @description When it was given to another person than the buyer */
            transferredAt: string | null;
        };
        TicketDtoPage: {
            items: components["schemas"]["TicketDto"][];
            nextCursor: string | null;
        };
        RebalanceBody: {
            /**
             * @description Plan the moves without applying them
             * @default false
             */
            dryRun?: boolean;
        };
        MoveDto: {
            /** @description A platform, DIRECT or UNALLOCATED */
            from: string;
            /** @description A platform or DIRECT */
            to: string;
            /** @description Null: free units */
            fromChannelId: string | null;
            toChannelId: string;
            quantity: number;
            reason: string;
        };
        RebalanceDto: {
            moves: components["schemas"]["MoveDto"][];
            applied: boolean;
        };
        DetachChannelBody: {
            /** @description Kept in the audit log */
            reason: string;
            /**
             * @description For a listing that is gone: by your word, nothing more can be sold there, and it is detached at once
             * @enum {string}
             */
            assume?: "SOLD_ONLY";
        };
        PatchChannelBody: {
            /** @description Share of the units until sales show the demand */
            weight?: number;
            /** @description Limit for its cap; null: none */
            maxUnits?: number | null;
            /** @description What staff call it; null: no name of its own */
            label?: string | null;
            /** @description The listing's new id on the platform: the same listing, with the same sales */
            externalEventId?: string;
        };
        ConfirmChannelBody: {
            /** @description The cap in force on the listing, sold tickets included */
            cap: number;
            /** @description Tickets sold there and not cancelled */
            sold: number;
        };
        ChannelPauseDto: {
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            pausedSince: string | null;
        };
        ShownContentsDto: {
            title: string | null;
            startsAt: string | null;
            endsAt: string | null;
            /** @description IANA time zone */
            timezone: string | null;
            venue: string | null;
        };
        RequestedChangeDto: {
            /** @enum {string} */
            kind: "WRITE" | "CANCEL";
            /** @enum {string} */
            state: "PENDING" | "DONE" | "REFUSED" | "FAILED" | "MANUAL";
            /** @description What the API of the platform changes */
            written: string[];
            /** @description What a person must change there */
            manually: string[];
            /** @description The platform's response, or why it is not done yet */
            detail: string | null;
            requestedAt: string | null;
            /** @description Null: it is tried again */
            endedAt: string | null;
        };
        ChannelContentsDto: {
            channelId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            label: string | null;
            externalEventId: string;
            shows: components["schemas"]["ShownContentsDto"];
            /** @description Fields with a difference */
            differs: ("title" | "startsAt" | "endsAt" | "timezone" | "venue")[];
            /** @description Null: it was not read yet, or cannot be */
            readAt: string | null;
            /** @description Why the last read failed */
            readFailure: string | null;
            /** @description The last change that was requested */
            change: components["schemas"]["RequestedChangeDto"] | null;
        };
        DifferenceDto: {
            /** @enum {string} */
            field: "title" | "startsAt" | "endsAt" | "timezone" | "venue";
            /** @description The channels that differ */
            channelIds: string[];
            /** @description In words */
            text: string;
        };
        EventContentsDto: {
            eventId: string;
            /** @description What the event itself shows */
            own: components["schemas"]["ShownContentsDto"];
            channels: components["schemas"]["ChannelContentsDto"][];
            differences: components["schemas"]["DifferenceDto"][];
        };
        WriteContentsBody: {
            title?: string;
            /** Format: date-time */
            startsAt?: string;
            /** Format: date-time */
            endsAt?: string;
            /**
             * @description Only returns what would be written where
             * @default false
             */
            preview?: boolean;
        };
        PlannedChangeDto: {
            channelId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            label: string | null;
            externalEventId: string;
            /** @description What the API of the platform changes */
            written: string[];
            /** @description What a person must change there */
            manually: string[];
            /** @description How, and what the change causes besides */
            instructions: string;
        };
        PlannedChangesDto: {
            /** @description True: nothing was requested */
            preview: boolean;
            channels: components["schemas"]["PlannedChangeDto"][];
        };
        CancelListingsBody: {
            reason: string;
            /**
             * @description Only returns what would be written where
             * @default false
             */
            preview?: boolean;
        };
        BoughtTicketDto: {
            id: string;
            orderId: string;
            eventId: string;
            eventName: string;
            /** Format: date-time */
            startsAt: string;
            seat: string | null;
            /** @enum {string} */
            state: "VALID" | "CANCELLED";
            /** @description Checked at the door; null: another person has the ticket */
            code: string | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it was given to another person
             */
            transferredAt: string | null;
        };
        BoughtTicketDtoPage: {
            items: components["schemas"]["BoughtTicketDto"][];
            nextCursor: string | null;
        };
        CreateHoldBody: {
            /** @description Either this or `seats` */
            quantity?: number;
            /**
             * @description All or none are held
             * @example [
             *       "Stalls-A-7"
             *     ]
             */
            seats?: string[];
            /**
             * @description SAFETY_STOCK: operators only
             * @default DIRECT
             * @enum {string}
             */
            source?: "DIRECT" | "SAFETY_STOCK";
            /** @description Customers: at most the default */
            ttlSeconds?: number;
        };
        IssuedTicketDto: {
            id: string;
            seat?: string;
            /** @description Checked at the door */
            code: string;
        };
        NextActionDto: {
            /** @enum {string} */
            type: "AUTHENTICATE";
            /** @description For the provider's library, which shows the authentication (3-D Secure) */
            clientSecret: string;
        };
        HoldDto: {
            id: string;
            eventId: string;
            /** @enum {string} */
            state: "HELD" | "CONFIRMED" | "EXPIRED" | "RELEASED" | "PAYMENT_PENDING" | "PAYMENT_FAILED";
            /** @enum {string} */
            source: "DIRECT" | "SAFETY_STOCK";
            quantity: number;
            /** @description Per ticket, as it was when they were held; 0: free */
            priceCents: number;
            seats: string[];
            expiresAt: string;
            createdAt: string;
            /** @description Present once the hold is confirmed */
            tickets?: components["schemas"]["IssuedTicketDto"][];
            /** @description After PAYMENT_FAILED: the hold bought by the late payment */
            replacedBy?: string;
            /** @description While PAYMENT_PENDING: what the buyer has to do before the payment is processed */
            nextAction?: components["schemas"]["NextActionDto"];
        };
        BuyerBody: {
            name: string;
            /** @example jane@example.com */
            email: string;
        };
        PaymentBody: {
            /** @description Issued by the payment provider */
            token: string;
        };
        ConfirmHoldBody: {
            buyer: components["schemas"]["BuyerBody"];
            /** @description Required when the event has a price */
            payment?: components["schemas"]["PaymentBody"];
        };
        CancelOrderBody: {
            /** @description Part of the mails to the buyer */
            reason: string;
            /**
             * @description Whether what was paid goes back to the buyer
             * @default true
             */
            refund?: boolean;
        };
        CancelledOrderDto: {
            id: string;
            eventId: string;
            /** @enum {string} */
            platform: "DIRECT";
            /** @enum {string} */
            state: "CANCELLED";
            /** @description Live tickets */
            quantity: number;
            /**
             * @description REQUESTED: the payment shows when it is complete; NONE: nothing was paid, not to be refunded, or before
             * @enum {string}
             */
            refund: "REQUESTED" | "NONE";
        };
        PaymentFormDto: {
            /**
             * @description none: tickets with a price are not sold here
             * @enum {string}
             */
            provider: "stripe" | "simulated" | "none";
            /** @description For the provider's library; null: none is configured */
            publishableKey: string | null;
        };
        PaymentDto: {
            id: string;
            holdId: string;
            eventId: string;
            /** @enum {string} */
            state: "PENDING" | "SUCCEEDED" | "FAILED" | "REFUND_DUE" | "REFUNDED";
            /** @description In the smallest unit of the currency */
            amount: number;
            currency: string;
            provider: string;
            /** @description The provider's id of the payment */
            reference: string | null;
            /** @description Why it failed */
            reason: string | null;
            attempts: number;
            lastError: string | null;
            /** @description Since when it needs an operator */
            stuckSince: string | null;
            /** @description The hold bought by a late payment */
            replacementHoldId: string | null;
            createdAt: string;
            settledAt: string | null;
            refundedAt: string | null;
            /** @description Went back to the buyer, in the smallest unit of the currency */
            refundedAmount: number;
            /**
             * @description Of the refund at the provider; null: none
             * @enum {string|null}
             */
            refundState: "PENDING" | "SUCCEEDED" | "FAILED" | null;
            /** @description Why the refund failed */
            refundFailure: string | null;
            /**
             * @description OPEN: the amount is withheld; null: none
             * @enum {string|null}
             */
            disputeState: "OPEN" | "WON" | "LOST" | null;
            disputedAt: string | null;
        };
        PaymentDtoPage: {
            items: components["schemas"]["PaymentDto"][];
            nextCursor: string | null;
        };
        SettlePaymentBody: {
            /**
             * @description Abandons the payment and returns the stock, unless the provider reports it as paid
             * @enum {string}
             */
            outcome?: "FAILED";
            reason?: string;
        };
        JoinWaitlistBody: {
            name: string;
            /** @example jane@example.com */
            email: string;
            quantity: number;
        };
        JoinedDto: {
            id: string;
            /** @description Starts at 1; counts entries that are waiting or have an offer */
            position: number;
            leaveToken: string;
        };
        EntryDto: {
            id: string;
            /** @enum {string} */
            state: "WAITING" | "OFFERED" | "CONFIRMED" | "LAPSED" | "LEFT";
            /** @description Null: no longer on the waitlist */
            position: number | null;
            name: string;
            email: string;
            quantity: number;
            /** @description Whether the owner of the address has confirmed it; before, it gets no automatic offer */
            emailVerified: boolean;
            /** @description The offered hold */
            holdId: string | null;
            createdAt: string;
            offeredAt: string | null;
            /** @description When the offer expires */
            expiresAt: string | null;
        };
        EntryDtoPage: {
            items: components["schemas"]["EntryDto"][];
            nextCursor: string | null;
        };
        OwnEntryDto: {
            id: string;
            /** @enum {string} */
            state: "WAITING" | "OFFERED" | "CONFIRMED" | "LAPSED" | "LEFT";
            position: number | null;
            quantity: number;
            /** @description Whether the e-mail address is confirmed */
            emailVerified: boolean;
            eventName: string;
            /** @description Whether a payment is required */
            priced: boolean;
            /** @description To pay, in the smallest unit of the currency */
            amount: number;
            /** @description ISO 4217 */
            currency: string;
            /** @description How it is paid */
            payment: components["schemas"]["PaymentFormDto"];
            /** @description Present with an offer token */
            offer?: components["schemas"]["HoldDto"];
        };
        VerifyEntryBody: {
            /** @description From the e-mail after joining */
            token: string;
        };
        MoveEntryBody: {
            /** @description Behind the last entry: it becomes the last one */
            position: number;
        };
        OfferBody: {
            /** @description Default: 6 hours */
            ttlSeconds?: number;
        };
        ClaimBody: {
            /** @description From the offer e-mail */
            token: string;
            /** @description Default: name and e-mail address of the entry */
            buyer?: components["schemas"]["BuyerBody"];
            /** @description Required when the event has a price */
            payment?: components["schemas"]["PaymentBody"];
        };
        SafetySaleBody: {
            quantity: number;
            reason: string;
            buyer: components["schemas"]["BuyerBody"];
        };
        SafetySaleDto: {
            orderId: string;
            tickets: components["schemas"]["IssuedTicketDto"][];
        };
        RequestReleaseBody: {
            quantity: number;
            reason: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description Required where the event has several channels on the platform */
            channelId?: string;
        };
        ReleaseDto: {
            id: string;
            eventId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            channelId: string;
            quantity: number;
            reason: string;
            /** @enum {string} */
            state: "PENDING" | "APPROVED" | "REJECTED";
            /** @description User id */
            requestedBy: string;
            requestedAt: string;
            decidedBy: string | null;
            decidedAt: string | null;
        };
        ReleaseDtoPage: {
            items: components["schemas"]["ReleaseDto"][];
            nextCursor: string | null;
        };
        ChannelAttendanceDto: {
            /** @description DIRECT: direct sales */
            channelId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description What staff call it */
            label: string | null;
            /** @description Tickets sold and not cancelled */
            sold: number;
            /** @description Of these, checked in here or on the platform */
            attended: number;
        };
        DoorDto: {
            capacity: number;
            sold: number;
            /** @description Tickets that are in, those sold at the door included */
            checkedIn: number;
            /** @description People who are in without a ticket */
            walkIns: number;
            /** @description checkedIn + walkIns */
            inTheRoom: number;
            channels: components["schemas"]["ChannelAttendanceDto"][];
            /** @description Of people who seem to hold seats on more than one channel; up to half a minute old */
            seatsThatMayComeFree: number;
        };
        ShowHistoryDto: {
            /** @description Of the latest five; those without any check-in of this account do not count */
            events: number;
            sold: number;
            attended: number;
            /** @description attended / sold */
            share: number;
        };
        ChannelShowRateDto: {
            /** @description DIRECT: direct sales */
            channelId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description What staff call it */
            label: string | null;
            /** @description Tickets sold and not cancelled */
            sold: number;
            /** @description Of these, checked in here or on the platform */
            attended: number;
            /** @description attended / sold; null: nothing is sold */
            share: number | null;
            /** @description Of earlier, ended events on the same account (DIRECT: of direct sales); null: none is known */
            history: components["schemas"]["ShowHistoryDto"] | null;
        };
        AttendanceDto: {
            sold: number;
            attended: number;
            /** @description attended / sold; null: nothing is sold */
            share: number | null;
            channels: components["schemas"]["ChannelShowRateDto"][];
        };
        AttendeeTicketDto: {
            id: string;
            /** @description Ours, or what the platform's own ticket shows; tickets may share one. Null: it has none */
            code: string | null;
            externalTicketId: string | null;
            ticketType: string | null;
            /**
             * Format: date-time
             * @description The first time, here or on the platform
             */
            checkedInAt: string | null;
        };
        AttendeeDto: {
            id: string;
            /** @description Null: the platform does not report it, or it was erased */
            name: string | null;
            /** @description For OPERATOR and above; null for other roles */
            email: string | null;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description Null: a direct order */
            channelId: string | null;
            /** @description Those of the tickets, separated by commas */
            ticketType: string | null;
            /** @description Valid tickets */
            tickets: components["schemas"]["AttendeeTicketDto"][];
            /** @description An attendee on another channel who seems to be the same person */
            duplicateOf: string | null;
            /**
             * @description How certain that is
             * @enum {string|null}
             */
            duplicateCertainty: "certain" | "possible" | null;
        };
        AttendeeDtoPage: {
            items: components["schemas"]["AttendeeDto"][];
            nextCursor: string | null;
        };
        DuplicateAttendeeDto: {
            /** @description Of the attendee in the list of attendees */
            id: string;
            name: string | null;
            email: string | null;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description Null: a direct order */
            channelId: string | null;
            /** @description Valid tickets */
            tickets: number;
            orderId: string;
            /** @description Whether POST /orders/:id/decline can be used; otherwise the person has to be contacted */
            canDecline: boolean;
        };
        DuplicateDto: {
            id: string;
            /**
             * @description certain: the same verified e-mail; possible: the same name, or an e-mail that another person may have entered
             * @enum {string}
             */
            certainty: "certain" | "possible";
            /**
             * @description What is the same
             * @enum {string}
             */
            by: "EMAIL" | "NAME";
            name: string | null;
            /** @description Seats beyond those on the channel with the most: they may come free */
            seats: number;
            /** @description Who bought first comes first */
            attendees: components["schemas"]["DuplicateAttendeeDto"][];
        };
        FreeSeatsDto: {
            certain: number;
            possible: number;
        };
        DuplicatesDto: {
            /** @description Certain ones first, then by name */
            items: components["schemas"]["DuplicateDto"][];
            nextCursor: string | null;
            /** @description Seats of all of them that may come free */
            seats: components["schemas"]["FreeSeatsDto"];
        };
        CheckInDto: {
            ticketId: string;
            /** @description Null: the platform does not report it */
            name: string | null;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description False: the ticket was checked in before, at `checkedInAt` */
            first: boolean;
            /**
             * Format: date-time
             * @description The first time, here or on the platform
             */
            checkedInAt: string;
        };
        CheckInResultDto: {
            /**
             * @description 404: unknown, 409: cancelled or transferred
             * @enum {number}
             */
            status: 200 | 404 | 409;
            ticketId?: string;
            name?: string | null;
            /** @enum {string} */
            platform?: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            first?: boolean;
            /** Format: date-time */
            checkedInAt?: string;
            /**
             * @description Of the error
             * @enum {string}
             */
            code?: "NOT_FOUND" | "STATE_CONFLICT";
            /** @description Of the error */
            detail?: string;
        };
        CheckInResultsDto: {
            /** @description In the order of the request */
            items: components["schemas"]["CheckInResultDto"][];
        };
        CheckInItemBody: {
            /** @description Ours, or what the ticket of the platform shows */
            code?: string;
            /** @description In place of a code */
            ticketId?: string;
            /**
             * Format: date-time
             * @description When it was scanned, by a phone that was offline; default: now
             */
            at?: string;
            /** @description The phone; with it and `at`, a scan that is reported again is the same one */
            deviceId?: string;
        };
        CheckInsBody: {
            /** @description Ours, or what the ticket of the platform shows */
            code?: string;
            /** @description In place of a code */
            ticketId?: string;
            /**
             * Format: date-time
             * @description When it was scanned, by a phone that was offline; default: now
             */
            at?: string;
            /** @description The phone; with it and `at`, a scan that is reported again is the same one */
            deviceId?: string;
            /** @description In place of a code or a ticket */
            items?: components["schemas"]["CheckInItemBody"][];
        };
        DeclineOrderBody: {
            /** @description Part of the mail that the platform sends */
            message?: string;
        };
        DeclinedOrderDto: {
            id: string;
            eventId: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /**
             * @description PLACED until the order is read: the seats are free then
             * @enum {string}
             */
            state: "PLACED" | "CANCELLED";
            /** @description Live tickets */
            quantity: number;
        };
        DeviceEventDto: {
            id: string;
            name: string;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
            /** @description IANA name */
            timezone: string;
            venue: string | null;
            state: string;
            capacity: number;
        };
        DeviceAttendeeDto: {
            id: string;
            /** @description Null: the platform does not report it, or it was erased */
            name: string | null;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description Null: a direct order */
            channelId: string | null;
            /** @description Those of the tickets, separated by commas */
            ticketType: string | null;
            /** @description Valid tickets */
            tickets: components["schemas"]["AttendeeTicketDto"][];
        };
        DeviceCheckInDto: {
            ticketId: string;
            /**
             * Format: date-time
             * @description The first time, here or on the platform
             */
            checkedInAt: string;
        };
        DeviceListDto: {
            event: components["schemas"]["DeviceEventDto"];
            /** @description What the device has after this response */
            version: string;
            /** @description By name. Null: `checkIns` is all that changed */
            items: components["schemas"]["DeviceAttendeeDto"][] | null;
            /** @description Since the version that the device has */
            checkIns: components["schemas"]["DeviceCheckInDto"][];
            /** @description People counted in without a ticket */
            walkIns: number;
        };
        WalkInBody: {
            quantity: number;
            /**
             * @description COUNT: without a ticket, a number only; SAFETY: sold from the safety stock, and in at once
             * @enum {string}
             */
            from: "COUNT" | "SAFETY";
            /** @description The phone */
            deviceId?: string;
            /**
             * Format: date-time
             * @description When they came, by a phone that was offline; default: now
             */
            at?: string;
        };
        WalkInDto: {
            id: string;
            quantity: number;
            /** @enum {string} */
            from: "COUNT" | "SAFETY";
            /** Format: date-time */
            at: string;
        };
        MailDto: {
            id: string;
            /** @enum {string} */
            kind: "VERIFICATION" | "PASSWORD_RESET" | "PASSWORD_CHANGED" | "OFFER" | "ENTRY_VERIFICATION" | "TICKETS" | "TICKET_RECEIVED" | "TICKET_GIVEN" | "TICKET_CANCELLED" | "ORDER_CANCELLED" | "PAYMENT_FAILED" | "PAYMENT_REFUNDED" | "MOVED_TO_WAITLIST";
            /** @enum {string} */
            state: "UNSENT" | "FAILED";
            /** @description Id of the order, payment, waitlist entry, account, transfer or ticket; null: stored by an earlier version */
            about: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            attemptedAt: string | null;
            /** Format: date-time */
            failedAt: string | null;
            /** @description Response of the mail server, without addresses */
            failure: string | null;
        };
        MailDtoPage: {
            items: components["schemas"]["MailDto"][];
            nextCursor: string | null;
        };
        ResentDto: {
            orderId: string;
            /** @description One to the buyer; for staff also one for each ticket that others have */
            mails: number;
        };
        TransferBody: {
            name: string;
            /** @example jane@example.com */
            email: string;
            /** @description Required of staff */
            reason?: string;
        };
        TransferDto: {
            id: string;
            orderId: string;
            eventId: string;
            name: string | null;
            email: string | null;
            /**
             * Format: date-time
             * @description Null: it was theirs already
             */
            transferredAt: string | null;
        };
        NotificationDto: {
            id: string;
            /** @enum {string} */
            kind: "SLACK" | "DISCORD" | "EMAIL" | "WEBHOOK";
            /** @description Shortened for SLACK and DISCORD, where it is a secret */
            target: string;
            events: ("ALERT" | "RESOLVED" | "MILESTONE" | "DIGEST")[];
            label: string;
            /**
             * @description FAILING: the last attempt failed
             * @enum {string}
             */
            state: "UNTRIED" | "DELIVERING" | "FAILING";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /** Format: date-time */
            lastErrorAt: string | null;
            /** @description Of the last attempt that failed */
            lastError: string | null;
        };
        NotificationDtoPage: {
            items: components["schemas"]["NotificationDto"][];
            nextCursor: string | null;
        };
        NewNotificationBody: {
            /** @enum {string} */
            kind: "SLACK" | "DISCORD" | "EMAIL" | "WEBHOOK";
            /** @description The webhook URL of a Slack or Discord channel, an email address, or the URL that signed webhooks are posted to */
            target: string;
            /** @description ALERT: a problem, with all that have the same cause in one message; RESOLVED: its end, if its ALERT was sent; MILESTONE: 50 %, soft cap, sold out; DIGEST: every day at 08:00 of the time zone of the event */
            events: ("ALERT" | "RESOLVED" | "MILESTONE" | "DIGEST")[];
            /** @description What staff call the target */
            label: string;
        };
        CreatedNotificationDto: {
            id: string;
            /** @enum {string} */
            kind: "SLACK" | "DISCORD" | "EMAIL" | "WEBHOOK";
            /** @description Shortened for SLACK and DISCORD, where it is a secret */
            target: string;
            events: ("ALERT" | "RESOLVED" | "MILESTONE" | "DIGEST")[];
            label: string;
            /**
             * @description FAILING: the last attempt failed
             * @enum {string}
             */
            state: "UNTRIED" | "DELIVERING" | "FAILING";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /** Format: date-time */
            lastErrorAt: string | null;
            /** @description Of the last attempt that failed */
            lastError: string | null;
            /** @description WEBHOOK: signs its messages as Standard Webhooks (`whsec_…`). Returned here only, never again */
            secret: string | null;
        };
        PatchNotificationBody: {
            /** @description The webhook URL of a Slack or Discord channel, an email address, or the URL that signed webhooks are posted to */
            target?: string;
            /** @description ALERT: a problem, with all that have the same cause in one message; RESOLVED: its end, if its ALERT was sent; MILESTONE: 50 %, soft cap, sold out; DIGEST: every day at 08:00 of the time zone of the event */
            events?: ("ALERT" | "RESOLVED" | "MILESTONE" | "DIGEST")[];
            /** @description What staff call the target */
            label?: string;
        };
        BackgroundTaskDto: {
            /** @enum {string} */
            kind: "periodic" | "job handler" | "stock listener";
            /**
             * @description Unique within its kind
             * @example pending sweep
             */
            name: string;
            /** @description This process runs it; tasks of workers do not run in the `api` role */
            started: boolean;
            /** @description Pause between runs; null: runs when something happens */
            everyMs: number | null;
            /** @description Runs since the process was started */
            runs: number;
            failuresInARow: number;
            /** @description Null: has not run yet */
            lastStartedAt: string | null;
            /** @description Of the run that ended last */
            lastDurationMs: number | null;
            /** @description Of the last failed run, even if a later one succeeded */
            lastError: string | null;
        };
        BackgroundTaskDtoPage: {
            items: components["schemas"]["BackgroundTaskDto"][];
            nextCursor: string | null;
        };
        ChannelDetailDto: {
            id: string;
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description What staff call it */
            label: string | null;
            /** @enum {string} */
            desiredMode: "OPEN" | "WAITLIST_ONLY" | "UNKNOWN";
            desiredVersion: number;
            confirmedVersion: number;
            /** @description The largest cap in flight or unconfirmed */
            unconfirmedCap: number | null;
            unconfirmedSince: string | null;
            /** @description Tickets in open carts on the platform */
            pendingTickets: number;
            lastPullAt: string | null;
            waitlistAvailable: boolean | null;
            syncError: string | null;
            /** @description Paused manually since */
            pausedSince: string | null;
            importedAt: string | null;
        };
        ChannelDetailDtoPage: {
            items: components["schemas"]["ChannelDetailDto"][];
            nextCursor: string | null;
        };
        ChannelCurveDto: {
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
            /** @description Tickets sold at the end of each step */
            sold: number[];
        };
        SalesCurveDto: {
            eventId: string;
            /** @description Length of a step */
            stepSeconds: number;
            /** @description End of each step */
            times: string[];
            channels: components["schemas"]["ChannelCurveDto"][];
            asOf: string;
        };
        RebalanceMoveDto: {
            id: string;
            /** @description A platform, DIRECT or UNALLOCATED */
            from: string;
            /** @description A platform or DIRECT */
            to: string;
            /** @description Null: free units */
            fromChannelId: string | null;
            toChannelId: string;
            quantity: number;
            reason: string;
            plannedAt: string;
            /** @description When the receiving channel had a confirmed cap for the units; null: not yet, or superseded */
            confirmedAt: string | null;
        };
        RebalanceMoveDtoPage: {
            items: components["schemas"]["RebalanceMoveDto"][];
            nextCursor: string | null;
        };
        LiveHoldDto: {
            id: string;
            /** @enum {string} */
            state: "HELD" | "PAYMENT_PENDING";
            /** @enum {string} */
            source: "DIRECT" | "SAFETY_STOCK";
            quantity: number;
            seats: string[];
            /** @description Name of the user who holds them */
            holder: string;
            createdAt: string;
            expiresAt: string;
        };
        LiveHoldDtoPage: {
            items: components["schemas"]["LiveHoldDto"][];
            nextCursor: string | null;
        };
        ModeTransitionDto: {
            id: string;
            /** @enum {string} */
            mode: "NORMAL" | "FAIL_SAFE";
            forced: boolean;
            /** @example redis */
            cause: string;
            reason: string | null;
            actor: string | null;
            at: string;
        };
        ModeTransitionDtoPage: {
            items: components["schemas"]["ModeTransitionDto"][];
            nextCursor: string | null;
        };
        PlatformStateDto: {
            /** @enum {string} */
            platform: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
            /** @description A connection has credentials */
            configured: boolean;
            /** @description Sales are reported by webhooks; else they are polled */
            hasWebhooks: boolean;
            /** @description Oversold tickets can be voided through its API */
            canVoid: boolean;
            /**
             * @description The worst state across all processes that call the platform
             * @enum {string}
             */
            breaker: "CLOSED" | "HALF_OPEN" | "OPEN";
            /** @description How long a call would wait for budget; null: unknown */
            throttleWaitMs: number | null;
            /**
             * @description Calls (Meetup: points) per seconds
             * @example 2000/3600
             */
            rateLimit: string;
            asOf: string;
        };
        PlatformStateDtoPage: {
            items: components["schemas"]["PlatformStateDto"][];
            nextCursor: string | null;
        };
        DemoDto: {
            /**
             * @description RUNNING: the platforms are simulated. REMOVED: until the service is started again. NONE: they are real
             * @enum {string}
             */
            state: "RUNNING" | "REMOVED" | "NONE";
        };
        LiveDto: {
            /** @enum {string} */
            status: "ok";
        };
        ReadyDto: {
            /** @enum {string} */
            status: "ok";
            info: {
                [key: string]: unknown;
            };
            error: {
                [key: string]: unknown;
            };
            details: {
                [key: string]: unknown;
            };
        };
        FieldErrorDto: {
            /** @example channels.0.weight */
            field: string;
            message: string;
        };
        ProblemDto: {
            /** @example urn:trafficpolice:problem:sold-out */
            type: string;
            title: string;
            /** @example 409 */
            status: number;
            detail: string;
            /** @example SOLD_OUT */
            code: string;
            /** @description The path of the request. */
            instance: string;
            errors?: components["schemas"]["FieldErrorDto"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    AuthController_register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserDto"];
                };
            };
            /** @description The e-mail address is already in use */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description More than 30 requests a minute from one IP address */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AuthController_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginDto"];
                };
            };
            /** @description Wrong e-mail address or password; `TOTP_REQUIRED` and `TOTP_INVALID`: the code of the authenticator app is missing, or wrong or used */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description After five failed logins for an account, or 30 for several, from one client in 15 minutes, or 120 logins a minute */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AuthController_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AuthController_listSessions: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AuthController_deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The user has no such session */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CustomersController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                /** @description Part of the name or the e-mail address */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CustomersController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CustomerChangesBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerDto"];
                };
            };
            /** @description No such customer */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    OperatorsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    OperatorsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOperatorBody"];
            };
        };
        responses: {
            /** @description A customer who has the address becomes the operator: their password and sessions end */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorDto"];
                };
            };
            /** @description Another operator has the e-mail address */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    OperatorsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OperatorChangesBody"];
            };
        };
        responses: {
            /** @description A customer who has the new address loses it: their account and sessions end, their tickets stay valid */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorDto"];
                };
            };
            /** @description No such operator */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The last active admin, or another operator has the e-mail address */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PasswordController_requestReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordResetBody"];
            };
        };
        responses: {
            /** @description Mails are sent only with SMTP_URL, and to an account at most every 5 minutes */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description More than 10 requests a minute from one client */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PasswordController_setPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPasswordBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `currentPassword` without a valid access token */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description Too many wrong passwords, or more than 30 requests a minute */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SecondFactorController_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SecondFactorController_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpEnrolmentBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpEnrolmentDto"];
                };
            };
            /** @description An app is in use already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SecondFactorController_removeOwn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpRemovalBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SecondFactorController_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpCodeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodesDto"];
                };
            };
            /** @description No enrolment was started, or it was confirmed already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SecondFactorController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such operator */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description One's own: `DELETE /auth/totp` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    VerificationController_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyEmailBody"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    VerificationController_repeat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was sent less than five minutes ago */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PeopleController_export: {
        parameters: {
            query: {
                /** @description In any case */
                email: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PeopleController_erase: {
        parameters: {
            query: {
                /** @description In any case */
                email: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureReceiptDto"];
                };
            };
            /** @description A staff account, or a payment, an offer or a hold is open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AlertsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                kind?: "RED_ALARM" | "OVERSOLD" | "DRIFT" | "FAIL_SAFE" | "PLATFORM_UNREACHABLE" | "SYNC_STALE" | "DEAD_LETTER" | "NOT_CLOSED";
                /** @description `open`: not resolved or not acknowledged; `resolved`: the problem is over */
                state?: "open" | "resolved" | "all";
                /** @description `true`: only acknowledged alerts; `false`: only unacknowledged ones */
                acknowledged?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AlertsController_acknowledge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WebhooksController_eventbrite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WebhooksController_luma: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WebhooksController_lumaOfConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WebhooksController_meetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DeliveriesController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                platform?: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL";
                state?: "UNMATCHED" | "FAILED" | "REPLAYED";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DeliveriesController_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConnectionBody"];
            };
        };
        responses: {
            /** @description UNREACHABLE: the platform does not respond */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDto"];
                };
            };
            /** @description The platform refuses the credentials */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such connection */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A live channel uses it, or it is that of the environment */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchConnectionBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDto"];
                };
            };
            /** @description No such connection */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description It is that of the environment */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDto"];
                };
            };
            /** @description No such connection */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description It is that of the environment, which is checked by itself */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ConnectionsController_upcoming: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Part of the name */
                q?: string;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListingsDto"];
                };
            };
            /** @description No such connection */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The platform refuses the account */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    FailSafeController_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModeDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    FailSafeController_change: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModeBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModeDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    QuarantineController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                state?: "open" | "resolved" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinedRecordDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    QuarantineController_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinedRecordDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ReconciliationController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ReconciliationController_start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["StartRunBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedRunDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ReconciliationController_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunWithItemsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ReconciliationController_drift: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftItemDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SeatsController_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeatDtoPage"];
                };
            };
            /** @description The list has not changed since the response with this ETag */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                /** @description Part of the name or venue */
                q?: string;
                state?: "ON_SALE" | "RED_ALARM" | "PAUSED" | "CLOSED" | "ENDED";
                /** @description Live events with a channel that this account drives */
                connectionId?: string;
                /** @description Live events with a task of a person */
                task?: "OPEN";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateEventBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchEventBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_reopen: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_close: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_stockOf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_movements: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                /** @description Movements from or to this account */
                account?: "CAPACITY" | "UNALLOCATED" | "IN_TRANSIT" | "SAFETY" | "HELD" | "OVERSOLD" | "ALLOCATED:MEETUP" | "SOLD:MEETUP" | "ALLOCATED:EVENTBRITE" | "SOLD:EVENTBRITE" | "ALLOCATED:LUMA" | "SOLD:LUMA" | "ALLOCATED:MANUAL" | "SOLD:MANUAL" | "ALLOCATED:DIRECT" | "SOLD:DIRECT";
                /** @description Part of the reason */
                q?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MovementDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_orders: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                platform?: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
                state?: "PLACED" | "CANCELLED";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventsController_tickets: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                platform?: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
                /** @description Only those of this order */
                orderId?: string;
                state?: "VALID" | "CANCELLED";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TicketDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SalesCsvController_orders: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SalesCsvController_tickets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ProofController_lines: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    RebalanceController_rebalance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RebalanceBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RebalanceDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_freeze: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_unfreeze: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventReadsController_channels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelDetailDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_attach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChannelBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventChannelDto"];
                };
            };
            /** @description No such event */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_detach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DetachChannelBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchChannelBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmChannelBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetailsDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_sync: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelPauseDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ChannelCommandsController_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelPauseDto"];
                };
            };
            /** @description No such event or channel */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ContentsController_contents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventContentsDto"];
                };
            };
            /** @description No such event */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ContentsController_write: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WriteContentsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlannedChangesDto"];
                };
            };
            /** @description No such event */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ContentsController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelListingsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlannedChangesDto"];
                };
            };
            /** @description No such event */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoughtTicketDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketsController_svgByCode: {
        parameters: {
            query?: never;
            header: {
                /** @description The code of the ticket */
                "X-Ticket-Code": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketsController_pngByCode: {
        parameters: {
            query?: never;
            header: {
                /** @description The code of the ticket */
                "X-Ticket-Code": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketsController_svg: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketsController_png: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventReadsController_holds: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveHoldDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    HoldsController_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A retry with the same key returns the same hold, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateHoldBody"];
            };
        };
        responses: {
            /** @description The hold created by an earlier request with this key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description EMAIL_UNVERIFIED for a customer, where mails are sent */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description SOLD_OUT, SEAT_TAKEN, IDEMPOTENCY_CONFLICT or STATE_CONFLICT */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    HoldsController_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    HoldsController_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Confirmed, or being paid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CheckoutController_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmHoldBody"];
            };
        };
        responses: {
            /** @description CONFIRMED with its tickets, or PAYMENT_FAILED */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description PAYMENT_PENDING */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description The hold has expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description Ten payments of the account, or to an address of others, were declined in an hour; the hold is kept */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    OrderCancellationController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelOrderBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelledOrderDto"];
                };
            };
            /** @description No such order */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description STATE_CONFLICT: the order of a platform, which is cancelled there */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PaymentFormController_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentFormDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PaymentsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                /** @description STUCK: needs an operator, DISPUTED: by the buyer at the bank; in any state */
                state?: "PENDING" | "SUCCEEDED" | "FAILED" | "REFUND_DUE" | "REFUNDED" | "STUCK" | "DISPUTED";
                eventId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PaymentsController_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PaymentsController_settle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SettlePaymentBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentDto"];
                };
            };
            /** @description Already final, or being processed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    StripeWebhookController_stripe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                state?: "WAITING" | "OFFERED" | "CONFIRMED" | "LAPSED" | "LEFT";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_join: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinWaitlistBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinedDto"];
                };
            };
            /** @description More than 30 requests a minute from one IP address */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_get: {
        parameters: {
            query?: never;
            header: {
                /** @description From the join response or the offer e-mail */
                "X-Entry-Token": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnEntryDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_leave: {
        parameters: {
            query?: never;
            header: {
                /** @description From the join response or the offer e-mail */
                "X-Entry-Token": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Already bought, or being paid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_verify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyEntryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnEntryDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                entryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Already bought, or being paid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_move: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                entryId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveEntryBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryDto"];
                };
            };
            /** @description The entry is not WAITING */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_offer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["OfferBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description SOLD_OUT, or STATE_CONFLICT: the entry is not WAITING, its address is not confirmed (where mails are sent), or sales are closed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WaitlistController_claim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimBody"];
            };
        };
        responses: {
            /** @description CONFIRMED with its tickets, or PAYMENT_FAILED */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description PAYMENT_PENDING */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldDto"];
                };
            };
            /** @description The offer has expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description More than 30 requests a minute, or ten payments to another address were declined in an hour */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SafetyStockController_sell: {
        parameters: {
            query?: never;
            header?: {
                /** @description A retry with the same key returns the same sale, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SafetySaleBody"];
            };
        };
        responses: {
            /** @description The sale made by an earlier request with this key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SafetySaleDto"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SafetySaleDto"];
                };
            };
            /** @description SOLD_OUT: not enough left; STATE_CONFLICT: sales are paused or closed; IDEMPOTENCY_CONFLICT */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SafetyStockController_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestReleaseBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SafetyStockController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                state?: "PENDING" | "APPROVED" | "REJECTED";
                eventId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SafetyStockController_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDto"];
                };
            };
            /** @description Requested by the caller */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description Already decided, or not enough left */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    SafetyStockController_reject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReleaseDto"];
                };
            };
            /** @description Requested by the caller */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AttendanceController_door: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoorDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AttendanceController_showRates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttendanceDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AttendeesController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                /** @description Parts of the name, in any order, with or without accents */
                q?: string;
                platform?: "MEETUP" | "EVENTBRITE" | "LUMA" | "MANUAL" | "DIRECT";
                /** @description true: at least one ticket is checked in; false: at least one is not */
                checkedIn?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttendeeDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AttendeesController_csv: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    AttendeesController_listDuplicates: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DuplicatesDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CalendarController_calendar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/calendar": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CheckInsController_record: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckInsBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckInDto"] | components["schemas"]["CheckInResultsDto"];
                };
            };
            /** @description The event has no such ticket */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The ticket is cancelled, or the code is of before it was transferred */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    CheckInsController_takeBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                ticketId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DeclinesController_decline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeclineOrderBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeclinedOrderDto"];
                };
            };
            /** @description No such order */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description STATE_CONFLICT: a direct order, one that a person must cancel on the platform, one that is checked in, or refused by the platform */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The platform did not respond. A retry declines once, and sends one mail. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DeviceListController_read: {
        parameters: {
            query?: {
                /** @description The `version` of the list that the device has */
                since?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceListDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WalkInsController_record: {
        parameters: {
            query?: never;
            header?: {
                /** @description A retry with the same key records nothing and returns the same response */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WalkInBody"];
            };
        };
        responses: {
            /** @description What an earlier request with this key recorded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WalkInDto"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WalkInDto"];
                };
            };
            /** @description SAFETY: SOLD_OUT, STATE_CONFLICT (sales are paused or closed, the event has ended); IDEMPOTENCY_CONFLICT */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    WalkInsController_takeBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Also if it was taken back before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tickets were sold: their order has to be cancelled */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    MailsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
                state?: "UNSENT" | "FAILED";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    MailsController_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailDto"];
                };
            };
            /** @description STATE_CONFLICT: it has not failed; NOT_COMPOSABLE: its recipient is erased, or what it is about has changed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketCommandsController_resend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResentDto"];
                };
            };
            /** @description No such order, or that of another customer */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description STATE_CONFLICT: cancelled, of a platform, or given to others; NOT_COMPOSABLE: the buyer was erased */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    TicketCommandsController_transfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferDto"];
                };
            };
            /** @description No such ticket, or that of others */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description STATE_CONFLICT: cancelled, checked in, of a platform, given to another person at the same time, or the event is over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    NotificationsController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    NotificationsController_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNotificationBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedNotificationDto"];
                };
            };
            /** @description Also for a private or loopback address, unless ALLOW_PRIVATE_TARGETS is on */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There are as many targets as possible */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    NotificationsController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such target */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    NotificationsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchNotificationBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDto"];
                };
            };
            /** @description Also for a private or loopback address, unless ALLOW_PRIVATE_TARGETS is on */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description No such target */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description Another address of a webhook whose secret cannot be decrypted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    NotificationsController_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationDto"];
                };
            };
            /** @description No such target */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    BackgroundController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackgroundTaskDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventReadsController_salesCurve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SalesCurveDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventReadsController_rebalances: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RebalanceMoveDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    EventReadsController_ledger: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    ModeHistoryController_list: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `nextCursor` of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModeTransitionDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    PlatformsController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformStateDtoPage"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    StreamController_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DemoController_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    DemoController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    HealthController_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is running */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    HealthController_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All parts work */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyDto"];
                };
            };
            /** @description `errors` names the failing parts */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
}
