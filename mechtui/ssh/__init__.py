"""The SSH front door: a mechanic's public key is his login, and what he gets is the dashboard.

    front         asyncssh: keys, limits, and the bytes between the lines and the terminals; knows the database
      └ forks     the fork server: has imported the dashboard, and knows nothing else
         ├ child  one login: a terminal of its own, a folder of its own, `mechtui` as at a shell
         └ child  ...

`mechtui ssh` runs it; `docs/ssh.md` says how it is set up and what it refuses.
"""
