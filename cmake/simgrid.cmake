# SimGrid 3.32 up to 4.1 (docs/simgrid-versions.md). What differs is found by asking for the feature,
# not for the version; sim/network/simgrid_compat.h is the only place that knows the answers.
include(CheckCSourceCompiles)
include(CheckCSourceRuns)
include(CheckSymbolExists)
pkg_check_modules(SIMGRID REQUIRED IMPORTED_TARGET simgrid>=3.32)

set(CMAKE_REQUIRED_LIBRARIES PkgConfig::SIMGRID)
check_symbol_exists(sg_host_get_route_links simgrid/host.h EHR_SIMGRID_ROUTE_LINKS)
check_symbol_exists(sg_actor_get_property_names simgrid/actor.h EHR_SIMGRID_PROPERTY_NAMES)
# A factor of the network model may be a number, or a text, which C programs cannot read.
check_c_source_compiles("
    extern double sg_precision_timing;
    int main(void) { return sg_precision_timing > 1; }" EHR_SIMGRID_PRECISION_TIMING)
check_c_source_runs("
    #include <simgrid/engine.h>
    #include <xbt/config.h>
    int main(void)
    {
        char program[] = \"check\", setting[] = \"--cfg=network/latency-factor:1.25\";
        char *arguments[] = {program, setting, 0};
        int count = 2;
        simgrid_init(&count, arguments);
        double factor = sg_cfg_get_double(\"network/latency-factor\");
        return factor > 1.24 && factor < 1.26 ? 0 : 1;
    }" EHR_SIMGRID_FACTORS_ARE_NUMBERS)
unset(CMAKE_REQUIRED_LIBRARIES)

foreach(feature ROUTE_LINKS PROPERTY_NAMES PRECISION_TIMING FACTORS_ARE_NUMBERS)
    if(EHR_SIMGRID_${feature})
        set_property(TARGET PkgConfig::SIMGRID APPEND PROPERTY
                     INTERFACE_COMPILE_DEFINITIONS EHR_SIMGRID_${feature}=1)
    endif()
endforeach()
