/** How the forwarding to the syslog collector stands. */
export interface SyslogState {
  /** `HOST:PORT`. */
  readonly address: string;
  readonly isConnected: boolean;
  /** Last sequence the collector has certainly read. */
  readonly confirmedSequence: number;
  /** What went wrong last, null when nothing did since it last worked. */
  readonly lastError: string | null;
}
