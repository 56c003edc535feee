# What systemd needs, below the prefix (/usr in a package): the unit, the user, the directories.
install(FILES ${CMAKE_CURRENT_LIST_DIR}/normwatch.service ${CMAKE_CURRENT_LIST_DIR}/normwatch-syslog.socket
              ${CMAKE_CURRENT_LIST_DIR}/normwatch-syslog-tls.socket DESTINATION lib/systemd/system)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/normwatch.sysusers DESTINATION lib/sysusers.d RENAME normwatch.conf)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/normwatch.tmpfiles DESTINATION lib/tmpfiles.d RENAME normwatch.conf)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/first.yaml DESTINATION share/normwatch)
