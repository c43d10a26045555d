type Filled = [column: string, type: string, value: string][];

const no = (...columns: string[]): Filled => columns.map((column) => [column, 'boolean', 'false']);
const yes = (...columns: string[]): Filled => columns.map((column) => [column, 'boolean', 'true']);
const empty = (type: string, ...columns: string[]): Filled => columns.map((column) => [column, type, "''"]);

/** By table, with the value that the application gives a new row, as SQL. */
const tables: Record<string, Filled> = {
  accounts_user: [
    ['pic', 'varchar(100)', "'pic_folder/default-avatar.png'"],
    ...yes('receive_sms_results', 'receive_abf_newsletter', 'receive_marketing', 'receive_payments_emails'),
    ...yes('receive_monthly_masterpoints_report', 'receive_email_results', 'receive_low_balance_emails'),
    ...yes('receive_member_to_member_emails', 'system_number_search'),
    ...no('receive_sms_reminders', 'windows_scrollbar'),
  ],
  events_evententryplayer: [['override_tba_system_number', 'integer', '0']],
  payments_stripetransaction: [['refund_amount', 'numeric(12,2)', '0']],
  post_office_email: [
    ...empty('text', 'cc', 'bcc', 'html_message'),
    ['backend_alias', 'varchar(64)', "'default'"],
  ],
  post_office_emailtemplate: [
    ...empty('text', 'description', 'content', 'html_content'),
    ...empty('varchar(12)', 'language'),
  ],
  notifications_snooper: [['ses_clicked_count', 'integer', '0'], ...no('limited_notifications')],
};

/**
 * Columns that must have a value and of which nothing else is known here: without them the stand-in could not write
 * into the application's real tables.
 */
export function filled(table: string) {
  const columns = tables[table] ?? [];
  return {
    declarations: columns.map(([name, type]) => `${name} ${type} NOT NULL`),
    /** To be put behind the columns and the values of an INSERT. */
    moreNames: columns.map(([name]) => `, ${name}`).join(''),
    moreValues: columns.map(([, , value]) => `, ${value}`).join(''),
  };
}
